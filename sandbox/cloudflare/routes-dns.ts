// Zones and their DNS records. https://developers.cloudflare.com/api/resources/dns/subresources/records/
import type { HttpAnswer } from "../http-fault.ts";
import { type Call, ok, paged, refuse } from "./envelope.ts";
import { buildRecord, recordView } from "./records.ts";
import type { ApiParts, Routes } from "./router.ts";
import type { DnsRecord } from "./state.ts";

const RECORDS = "/zones/{zone_id}/dns_records";
const RECORD = `${RECORDS}/{dns_record_id}`;

export function dnsRoutes(api: ApiParts): Routes {
  const { state, account } = api;

  function zones({ query }: Call): HttpAnswer {
    const found = state.zones.filter((zone) => {
      if (query["account.id"] !== undefined && query["account.id"] !== state.accountId) return false;
      return query.name === undefined || nameFits(zone.name, query.name);
    });
    const account = { id: state.accountId, name: state.team };
    const shown = found.map((zone) => ({
      ...zone,
      account,
      status: "active",
      type: "full",
      paused: false,
      name_servers: ["ada.ns.cloudflare.com", "ben.ns.cloudflare.com"],
    }));
    return paged(query, shown, { initial: 20, most: 50, least: 5 });
  }

  function inZone(handle: (zone: { id: string; name: string }, call: Call) => HttpAnswer) {
    return (call: Call) => {
      const zone = state.zones.find((each) => each.id === call.params.zone_id);
      return zone ? handle(zone, call) : refuse(403, 9109, "Unauthorized to access requested resource");
    };
  }

  function withRecord(
    handle: (record: DnsRecord, zone: { id: string; name: string }, call: Call) => HttpAnswer,
  ) {
    return inZone((zone, call) => {
      const record = state.records.get(call.params.dns_record_id ?? "");
      return record?.zoneId === zone.id
        ? handle(record, zone, call)
        : refuse(404, 81044, "Record does not exist.");
    });
  }

  function list(zone: { id: string }, { query }: Call): HttpAnswer {
    const found = [...state.records.values()].filter(
      (record) => record.zoneId === zone.id && recordFits(record, query),
    );
    return paged(query, found.map(recordView), { initial: 100, most: 5_000_000 });
  }

  function write(
    zone: { id: string; name: string },
    body: Call["body"],
    before: DnsRecord | null,
  ): HttpAnswer {
    const built = buildRecord(state, zone, body, before, api.clock.now());
    if ("refused" in built) return refuse(...built.refused);
    account.putRecord(built.record);
    return ok(recordView(built.record));
  }

  return {
    "GET /zones": zones,
    [`GET ${RECORDS}`]: inZone(list),
    [`POST ${RECORDS}`]: inZone((zone, { body }) => write(zone, body, null)),
    [`GET ${RECORD}`]: withRecord((record) => ok(recordView(record))),
    [`PUT ${RECORD}`]: withRecord((record, zone, { body }) => write(zone, body, record)),
    [`PATCH ${RECORD}`]: withRecord((record, zone, { body }) =>
      write(zone, { ...record.body, ...body }, record),
    ),
    [`DELETE ${RECORD}`]: withRecord((record) => {
      account.removeRecord(record.id);
      return ok({ id: record.id });
    }),
  };
}

/** `contains:text` and its like; without an operator the whole name. */
function nameFits(name: string, filter: string): boolean {
  const [, operator, text] = /^(equal|not_equal|starts_with|ends_with|contains):(.*)$/.exec(filter) ?? [];
  switch (operator) {
    case "not_equal":
      return name !== text;
    case "starts_with":
      return name.startsWith(text ?? "");
    case "ends_with":
      return name.endsWith(text ?? "");
    case "contains":
      return name.includes(text ?? "");
    default:
      return name === (text ?? filter);
  }
}

function recordFits(record: DnsRecord, query: Record<string, string>): boolean {
  const checks = Object.entries(query).flatMap(([key, wanted]) => filterCheck(record, key, wanted));
  if (query.match === "any") return checks.length === 0 || checks.includes(true);
  return !checks.includes(false);
}

/** One filter's verdict, or nothing where the parameter is no filter. All are case-insensitive. */
function filterCheck(record: DnsRecord, key: string, wanted: string): boolean[] {
  const [field = "", operator = "exact"] = key.split(".");
  if (key === "type") return [record.type === wanted];
  if (key === "proxied") return [String(record.proxied) === wanted];
  if (field !== "name" && field !== "content" && field !== "comment") return [];
  const value = record[field]?.toLowerCase() ?? null;
  const text = wanted.toLowerCase();
  if (operator === "absent") return [value === null];
  if (operator === "present") return [value !== null];
  if (value === null) return [false];
  if (operator === "startswith") return [value.startsWith(text)];
  if (operator === "endswith") return [value.endsWith(text)];
  return [operator === "contains" ? value.includes(text) : value === text];
}
