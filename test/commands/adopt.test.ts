// The store is lost, and what stands at Cloudflare says enough to go on: to its end what is whole, to be closed the rest.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  ALL_STANDING,
  ask,
  expose,
  NOTHING_STANDING,
  standing,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { createTestDatabase } from "../postgres.ts";
import { createWorld, TUNNEL, textOf, type World } from "../world.ts";
import { runCommand } from "./run-command.ts";

const HOUR = 60 * 60_000;

let world: World;
let fresh: { url: string; drop(): Promise<void> };
beforeAll(async () => {
  world = await createWorld({ policy: await withTunnelNamedTwice() });
  fresh = await createTestDatabase();
});
afterAll(async () => {
  await world.close();
  await fresh.drop();
});

/** For two groups of services: it is one tunnel all the same. */
async function withTunnelNamedTwice(): Promise<string> {
  const text = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  const policy = parse(text);
  const [tunnel] = policy.tunnels;
  const tunnels = [
    { ...tunnel, services: ["billing-*"] },
    { ...tunnel, connectors: undefined },
  ];
  return stringify({ ...policy, tunnels }, { aliasDuplicateObjects: false });
}

function adopt(args: string[]) {
  const POLICY_FILE = join(world.sandbox.dataDir, "policy.yaml");
  const env = { ...world.sandbox.env, POLICY_FILE, DATABASE_URL: fresh.url };
  return runCommand("adopt", args, { env });
}

function deleteRecordOf(host: string): void {
  const { cloudflare, seed } = world.sandbox;
  for (const { id: zoneId } of seed.cloudflare.zones)
    for (const record of cloudflare.records(zoneId))
      if (record.name === host) cloudflare.deleteRecord(zoneId, String(record.id));
}

test("with the store gone, what is whole goes on to its end, and the rest is closed", async () => {
  const { cloudflare, shared } = world.sandbox;
  const over = await expose(world, { service: "billing-api", duration: 60 });
  const whole = await expose(world, {
    service: "grafana",
    duration: 240,
    audiences: ["employees", "platform"],
  });
  const torn = await expose(world, { service: "reports", duration: 240 });
  const asked = await ask(world, { service: "returns" });
  await world.stopBot();
  deleteRecordOf(torn);
  const before = cloudflare.tunnelConfig(TUNNEL).version;
  // The mark on a record is the longest that it may live: an hour to open, and what was approved.
  shared.clock.forward(2 * HOUR + 60_000);

  const planned = await adopt(["--owner", "U0LEE", "--plan"]);
  expect(planned).toMatchObject({ code: 0, err: "" });
  const lines = planned.out.trim().split("\n").sort();
  expect(lines).toEqual([
    `${over} is closed: its time is up.`,
    expect.stringMatching(new RegExp(`^${whole} goes on until 20.*, once it is seen from outside.$`)),
    `${torn} is closed: its DNS record, which says until when it may live, is not there.`,
  ]);

  expect((await adopt(["--owner", "U0LEE"])).out.trim().split("\n").sort()).toEqual(lines);
  const again = await adopt(["--owner", "U0LEE"]);
  expect(again.out.trim().split("\n").sort()).toEqual(
    [over, whole, torn].map((host) => `${host} is in the store already.`),
  );

  await world.startBot({ DATABASE_URL: fresh.url });
  await untilClosed(world, over);
  await untilClosed(world, torn);
  await untilOpen(world, whole);
  expect([over, torn, whole].map((host) => standing(world, host))).toEqual([
    NOTHING_STANDING,
    NOTHING_STANDING,
    ALL_STANDING,
  ]);
  expect(world.cardText(whole)).toContain("Read back from Cloudflare after the store was lost.");
  expect(world.cardText(whole)).not.toContain("Approved by");
  const told = () =>
    world.lee
      .directMessages()
      .map(textOf)
      .filter((text) => text.includes(whole) && text.includes("It is open"));
  await world.until("its new owner is told", () => told().length > 0);
  expect(world.cardText(torn)).toContain("this could not be read back whole");
  expect([over, torn, whole].map((host) => cloudflare.firstHole(host))).toEqual([null, null, null]);
  // What goes on was never off the road: one write took the two others out.
  expect(cloudflare.tunnelConfig(TUNNEL).version).toBe(before + 1);
  expect(cloudflare.history(whole).map((each) => each.what)).not.toContain("route removed");
  expect(told()).toHaveLength(1);
  // What nobody had approved left no mark.
  expect(standing(world, asked)).toEqual(NOTHING_STANDING);

  shared.clock.forward(4 * HOUR);
  await untilClosed(world, whole);
  expect(standing(world, whole)).toEqual(NOTHING_STANDING);
});

test("who is no member cannot own it, and nothing to read is no fault", async () => {
  const guest = await adopt(["--owner", "U0GUEST"]);
  expect(guest).toMatchObject({ code: 1, out: "" });
  expect(guest.err).toContain(
    "--owner U0GUEST is no full member with an email that the policy allows (guest).",
  );
  expect((await adopt([])).err).toBe("Say who owns what is read back: --owner and a Slack user id.\n");
  expect(await adopt(["--owner", "U0LEE"])).toMatchObject({
    code: 0,
    out: "Nothing at Cloudflare carries Drawbridge's mark.\n",
  });
});
