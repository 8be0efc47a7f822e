// DNS records that lead our hostnames to a tunnel. Ours carry their mark in the comment; what anybody else made at a
// hostname is never changed, and stops us.
import { type DnsRecord, type Mark, tunnelAddress } from "../domain/observed.ts";
import { type CallOptions, type CloudflareClient, READ } from "./cloudflare-client.ts";
import { conflict, mayHaveHappened, nonsense, RECORD_TAKEN_CODES } from "./cloudflare-failure.ts";
import { LONGEST_COMMENT, parseRecord, prefixOf, readRecord, recordComment } from "./dns-record.ts";
import { isServiceFailure, orMissing, type ServiceFailure } from "./failure.ts";

export type EnsureRecord = { hostname: string; zoneId: string; tunnelId: string; mark: Mark };

/** `expect` is what was observed there. */
export type RemoveRecord = { zoneId: string; id: string; expect: { mark: Mark; content: string } };

/** `nameServers`: the names of those that answer for it. */
export type Zone = { id: string; name: string; nameServers: string[] };

export type Dns = {
  listZones(): Promise<Zone[]>;
  /** Every record of our installation. */
  listMarked(zoneIds: string[]): Promise<DnsRecord[]>;
  /** Whatever gives this hostname an address. */
  at(hostname: string, zoneId: string): Promise<DnsRecord[]>;
  /** The same, or the zone's wildcard that takes its place where nothing does. */
  answering(hostname: string, zoneId: string): Promise<DnsRecord[]>;
  /** Conflict `taken` when something else stands there. */
  ensureRecord(want: EnsureRecord): Promise<DnsRecord>;
  /** Only while it still is what was observed, and ours. */
  removeRecord(record: RemoveRecord): Promise<void>;
};

const ADDRESS_TYPES = ["A", "AAAA", "CNAME"];
/** https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/ allows far more. */
const PER_PAGE = 1000;

type Options = { client: CloudflareClient; accountId: string; installation: string };

export function createDns(options: Options): Dns {
  const { client, installation } = options;
  const { zones } = client.api;
  const { records } = client.api.dns;

  async function listZones(): Promise<Zone[]> {
    const wire = await client.list("zones.list", 50, (page, each) =>
      zones.list({ ...page, account: { id: options.accountId } }, each),
    );
    return wire.map((each) => ({
      id: each.id,
      name: String(each.name ?? ""),
      nameServers: Array.isArray(each.name_servers) ? each.name_servers.map(String) : [],
    }));
  }

  async function listMarked(zoneIds: string[]): Promise<DnsRecord[]> {
    const comment = { startswith: prefixOf(installation) };
    const read = async (zone: string) => {
      const wire = await client.list("dns.records.list", PER_PAGE, (page, each) =>
        records.list({ ...page, zone_id: zone, comment }, each),
      );
      return wire.map((each) => parseRecord(each, zone));
    };
    const all = await Promise.all(zoneIds.map(read));
    return all.flat().filter((each) => each.mark?.installation === installation);
  }

  async function at(hostname: string, zoneId: string): Promise<DnsRecord[]> {
    const wire = await client.list("dns.records.list", 100, (page, each) =>
      records.list({ ...page, zone_id: zoneId, name: { exact: hostname } }, each),
    );
    return wire.map((each) => parseRecord(each, zoneId)).filter((each) => ADDRESS_TYPES.includes(each.type));
  }

  async function answering(hostname: string, zoneId: string): Promise<DnsRecord[]> {
    const own = await at(hostname, zoneId);
    return own.length > 0 ? own : await at(hostname.replace(/^[^.]+/, "*"), zoneId);
  }

  return { listZones, listMarked, at, answering, ...createWrites(options, at) };
}

function createWrites(
  { client, installation }: Options,
  at: Dns["at"],
): Pick<Dns, "ensureRecord" | "removeRecord"> {
  const { records } = client.api.dns;

  /** Creating comes first: Cloudflare itself refuses a second address at a name, and then what stands there is looked at. */
  async function ensureRecord(want: EnsureRecord): Promise<DnsRecord> {
    const body = recordToWire(want);
    try {
      const wire = await client.call("dns.records.create", (each) => records.create(body, each));
      return readRecord("dns.records.create", wire, want.zoneId);
    } catch (error) {
      const stands = isServiceFailure(error) && error.kind === "conflict";
      if (!stands && !mayHaveHappened(error)) throw error;
      const found = await at(want.hostname, want.zoneId);
      // Cloudflare says that something stands there, and shows nothing: one of the two is behind.
      if (found.length === 0) throw isTakenAnswer(error) ? nonsense("dns.records.list", error) : error;
      return await adopt(found, want);
    }
  }

  async function adopt(found: DnsRecord[], want: EnsureRecord): Promise<DnsRecord> {
    const foreign = found.find((each) => !isOurs(each, want, installation));
    const [record] = found;
    if (foreign || !record || found.length > 1) throw taken(want.hostname, foreign ?? record);
    return isAsWanted(record, want) ? record : await update(record.id, want);
  }

  async function update(id: string, want: EnsureRecord): Promise<DnsRecord> {
    const body = recordToWire(want);
    try {
      const wire = await client.call("dns.records.update", (each) => records.update(checked(id), body, each));
      return readRecord("dns.records.update", wire, want.zoneId);
    } catch (error) {
      if (!mayHaveHappened(error)) throw error;
      const [after, ...more] = await at(want.hostname, want.zoneId);
      if (!after || more.length > 0 || !isAsWanted(after, want)) throw error;
      return after;
    }
  }

  async function removeRecord({ zoneId, id, expect }: RemoveRecord): Promise<void> {
    const zone = { zone_id: zoneId };
    const read = (each: CallOptions) => records.get(checked(id), zone, each);
    const wire = await orMissing(client.call("dns.records.get", read, READ));
    if (wire === null) return;
    const record = readRecord("dns.records.get", wire, zoneId);
    const ours = record.mark?.installation === installation && sameOwner(record.mark, expect.mark);
    if (!ours || record.content !== expect.content) throw taken(record.name, record);
    const remove = (each: CallOptions) => records.delete(checked(id), zone, each);
    await orMissing(client.call("dns.records.delete", remove, { empty: true }));
  }

  return { ensureRecord, removeRecord };
}

function isTakenAnswer(error: unknown): boolean {
  return isServiceFailure(error) && RECORD_TAKEN_CODES.includes(error.code);
}

function recordToWire(want: EnsureRecord) {
  const comment = recordComment(want.mark);
  if (comment.length > LONGEST_COMMENT) {
    throw conflict(
      "dns.records",
      "comment",
      `The mark for ${want.hostname} is longer than a record's comment may be.`,
    );
  }
  return {
    zone_id: want.zoneId,
    type: "CNAME" as const,
    name: want.hostname,
    content: tunnelAddress(want.tunnelId),
    proxied: true,
    // Automatic; nothing else is possible for a proxied record.
    ttl: 1 as const,
    comment,
  };
}

/** The same exposure's record, or one of our installation that leads to our tunnel and was left behind. */
function isOurs({ mark, content }: DnsRecord, want: EnsureRecord, installation: string): boolean {
  if (mark?.installation !== installation) return false;
  return mark.exposureId === want.mark.exposureId || content === tunnelAddress(want.tunnelId);
}

function sameOwner(left: Mark | null, right: Mark | null): boolean {
  return left?.installation === right?.installation && left?.exposureId === right?.exposureId;
}

function isAsWanted(record: DnsRecord, want: EnsureRecord): boolean {
  return (
    record.type === "CNAME" &&
    record.proxied &&
    record.content === tunnelAddress(want.tunnelId) &&
    record.comment === recordComment(want.mark)
  );
}

function taken(hostname: string, record: DnsRecord | undefined): ServiceFailure {
  const what = record ? `${record.type} ${record.content}` : "nothing";
  return conflict("dns.records", "taken", `Another DNS record stands at ${hostname}: ${what}.`);
}

/** An empty id would turn the address into the collection's. */
function checked(id: string): string {
  if (id === "") throw conflict("dns.records", "no-id", "A DNS record without an id was asked for.");
  return id;
}
