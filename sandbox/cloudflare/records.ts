// DNS records as the API takes and shows them: names completed with the zone, conflicts by Cloudflare's codes.
// https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/
import { isIPv4, isIPv6 } from "node:net";
import type { Refusal } from "./applications.ts";
import { type DnsRecord, type Json, newHexId, type State } from "./state.ts";

/** The Free plan's. https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/ */
const LONGEST_COMMENT = 100;

export function buildRecord(
  state: State,
  zone: { id: string; name: string },
  body: Json,
  before: DnsRecord | null,
  now: Date,
): { record: DnsRecord } | { refused: Refusal } {
  const { type, content, comment } = body;
  if (typeof body.name !== "string" || typeof type !== "string" || typeof content !== "string") {
    return { refused: [400, 9000, "DNS name, type and content are required"] };
  }
  const name = completeName(body.name, zone.name);
  if (name === null) return { refused: [400, 9000, "DNS name is invalid."] };
  const target = content.toLowerCase().replace(/\.$/, "");
  const because = badContent(type, target, name) ?? badComment(comment);
  if (because) return { refused: because };
  const record: DnsRecord = {
    id: before?.id ?? newHexId(),
    zoneId: zone.id,
    type,
    name,
    content: type === "TXT" ? content : target,
    proxied: body.proxied === true,
    comment: typeof comment === "string" && comment !== "" ? comment : null,
    body,
    createdAt: before?.createdAt ?? now.toISOString(),
    modifiedAt: now.toISOString(),
  };
  const clash = conflict(state, record);
  return clash ? { refused: clash } : { record };
}

function completeName(given: string, zone: string): string | null {
  const name = given.toLowerCase().replace(/\.$/, "");
  const whole = name === "@" || name === zone ? zone : name.endsWith(`.${zone}`) ? name : `${name}.${zone}`;
  const labels = whole.split(".");
  const sound = labels.every(
    (label, index) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label) || (label === "*" && index === 0),
  );
  return sound && whole.length <= 253 ? whole : null;
}

function badContent(type: string, content: string, name: string): Refusal | null {
  if (type === "A" && !isIPv4(content))
    return [400, 9005, "Content for A record must be a valid IPv4 address."];
  if (type === "AAAA" && !isIPv6(content))
    return [400, 9006, "Content for AAAA record must be a valid IPv6 address."];
  if (type !== "CNAME") return null;
  if (!/^[a-z0-9_.-]+\.[a-z0-9-]+$/.test(content)) return [400, 9007, "Content for CNAME record is invalid."];
  return content === name ? [400, 9039, "CNAME content cannot reference itself."] : null;
}

function badComment(comment: unknown): Refusal | null {
  if (comment === undefined || comment === null) return null;
  if (typeof comment !== "string" || comment.includes("\n"))
    return [400, 9204, "DNS record comment is invalid."];
  return comment.length > LONGEST_COMMENT ? [400, 9205, "DNS record comment is too long."] : null;
}

const ADDRESSES = ["A", "AAAA", "CNAME"];

function conflict(state: State, record: DnsRecord): Refusal | null {
  const others = [...state.records.values()].filter((other) => {
    return other.zoneId === record.zoneId && other.name === record.name && other.id !== record.id;
  });
  const addresses = others.filter((other) => ADDRESSES.includes(other.type));
  if (record.type === "CNAME" && addresses.length > 0) {
    return [400, 81053, "An A, AAAA, or CNAME record with that host already exists."];
  }
  if (ADDRESSES.includes(record.type) && addresses.some((other) => other.type === "CNAME")) {
    return [400, 81054, "A CNAME record with that host already exists."];
  }
  const same = others.some((other) => other.type === record.type && other.content === record.content);
  return same ? [400, 81057, "The record already exists."] : null;
}

export function recordView(record: DnsRecord): Json {
  return {
    id: record.id,
    zone_id: record.zoneId,
    name: record.name,
    type: record.type,
    content: record.content,
    proxiable: ADDRESSES.includes(record.type),
    proxied: record.proxied,
    ttl: record.proxied ? 1 : (record.body.ttl ?? 1),
    settings: record.body.settings ?? {},
    meta: {},
    comment: record.comment,
    tags: record.body.tags ?? [],
    created_on: record.createdAt,
    modified_on: record.modifiedAt,
    ...(record.comment === null ? {} : { comment_modified_on: record.modifiedAt }),
  };
}
