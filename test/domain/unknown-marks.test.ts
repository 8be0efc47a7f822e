// What carries our mark and is in no store: who tells of it, and what it is called.
import { expect, it } from "vitest";
import type { Observed } from "../../src/domain/observed.ts";
import { unknownMarks } from "../../src/domain/unknown-marks.ts";
import { TUNNEL_ID } from "./exposure-sample.ts";
import { everything, nothing, open } from "./plan-scenes.ts";

const HOST = open.hostname;
const whole = everything(open, []);
const { until } = whole.records[0]!.mark!;
const toTunnel = (id: string) =>
  whole.records.map((each) => ({ ...each, content: `${id}.cfargotunnel.com` }));

it.each<[string, Observed, first: boolean, hostname: string | null, until: Date | null]>([
  ["application and record", whole, true, HOST, until],
  ["application and record, at another tunnel", whole, false, null, null],
  ["an application alone", { ...whole, records: [] }, true, HOST, null],
  ["an application alone, at another tunnel", { ...whole, records: [] }, false, null, null],
  ["a record alone", { ...nothing(), records: toTunnel(TUNNEL_ID) }, false, HOST, until],
  ["a record alone, to another tunnel", { ...nothing(), records: toTunnel("another") }, true, null, null],
])("of %s", (_, observed, first, hostname, end) => {
  const told = hostname === null ? [] : [{ exposureId: open.id, hostname, until: end }];
  expect(unknownMarks(observed, [open.id], first)).toEqual(told);
  expect(unknownMarks(observed, [], first)).toEqual([]);
});
