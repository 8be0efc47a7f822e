// A DNS record between its wire form and our words, and the mark in its comment that says whose it is.
import { type DnsRecord, type Mark, minuteOf } from "../domain/observed.ts";
import type { Item } from "./cloudflare-answer.ts";
import { nonsense } from "./cloudflare-failure.ts";
import { isRecord } from "./json.ts";

/** What a comment may hold on the Free plan. */
export const LONGEST_COMMENT = 100;
export function recordComment(mark: Mark): string {
  const whose = prefixOf(mark.installation) + mark.exposureId;
  if (mark.until === null) return whose;
  const until = new Date(minuteOf(mark.until)).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  return `${whose} until ${until}`;
}

export function parseRecordComment(comment: string): Mark | null {
  const match = /^drawbridge (\S+) (\S+)(?: until (\S+))?(?: |$)/.exec(comment);
  if (!match?.[1] || !match[2]) return null;
  const until = match[3] ? new Date(match[3]) : null;
  return {
    installation: match[1],
    exposureId: match[2],
    until: until === null || Number.isNaN(until.getTime()) ? null : until,
  };
}

export function readRecord(operation: string, wire: unknown, zoneId: string): DnsRecord {
  if (!isRecord(wire) || typeof wire.id !== "string" || wire.id === "") throw nonsense(operation);
  return parseRecord({ ...wire, id: wire.id }, zoneId);
}

export function parseRecord(wire: Item, zoneId: string): DnsRecord {
  const comment = String(wire.comment ?? "");
  return {
    id: wire.id,
    zoneId,
    name: String(wire.name ?? "").toLowerCase(),
    type: String(wire.type ?? ""),
    content: String(wire.content ?? ""),
    proxied: wire.proxied === true,
    comment,
    mark: parseRecordComment(comment),
  };
}

export function prefixOf(installation: string): string {
  return `drawbridge ${installation} `;
}
