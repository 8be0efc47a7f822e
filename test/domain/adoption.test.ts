// What is read back from Cloudflare for a store that was lost: only what stands on a tunnel that was looked at.
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readBack } from "../../src/domain/adoption.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { unreadLine } from "../../src/views/adoption-text.ts";
import { fileWith } from "../policy-sample.ts";
import { at, billing, lee, TUNNEL_ID } from "./exposure-sample.ts";
import { everything, nothing, open } from "./plan-scenes.ts";

const ELSEWHERE = "9b0c2a5e-4f0e-4c0b-8a52-0d3f4d1f7f10";
const asking = { policy: parsePolicy(stringify(fileWith())), owner: lee, now: at(10) };
const whole = everything(open);
const leadingTo = (tunnelId: string) =>
  whole.records.map((each) => ({ ...each, content: `${tunnelId}.cfargotunnel.com` }));

const readFrom = (observed: Observed) => readBack({ tunnels: [observed], services: [billing] }, asking);

describe("on a tunnel of the policy", () => {
  it.each<[string, Partial<Observed>, string, string | null]>([
    ["what is whole goes on", {}, "opening", null],
    ["what lost its record is closed there, by its route", { records: [] }, "closing", "record"],
    ["what lost its route is closed there, by its record", { config: nothing().config }, "closing", "route"],
  ])("%s", (_, change, phase, gap) => {
    const { adopted, unread } = readFrom({ ...whole, ...change });
    expect(adopted).toMatchObject([{ exposure: { phase, tunnelId: TUNNEL_ID }, gap }]);
    expect(unread).toEqual([]);
  });
});

describe("on none of its tunnels, where its route may stand on another", () => {
  it.each<[string, Partial<Observed>, string | null, string]>([
    [
      "its record leads elsewhere",
      { records: leadingTo(ELSEWHERE) },
      ELSEWHERE,
      `its DNS record leads to ${ELSEWHERE}.`,
    ],
    ["its zone was not looked at", { records: [] }, null, "no route and no DNS record of it was found."],
  ])("is left as it is, and told: %s", (_, change, tunnelId, words) => {
    const { adopted, unread } = readFrom({ ...whole, config: nothing().config, ...change });
    expect(adopted).toEqual([]);
    expect(unread).toEqual([{ what: open.hostname, why: "on-no-tunnel", tunnelId }]);
    expect(unread.map(unreadLine).join()).toContain(
      `Not read: ${open.hostname}: on no tunnel of this policy: ${words}`,
    );
  });
});
