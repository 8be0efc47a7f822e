// Sends spoilt envelopes to a world's bot, and looks what became of it.
import { expect } from "vitest";
import type { Delivery } from "../sandbox/contract.ts";
import { openDatabase } from "../src/store/database.ts";
import { expose } from "./exposing.ts";
import { recordEnvelopes, SHOUTS, spoiltEnvelopes } from "./hostile-envelopes.ts";
import { unhandledDuring } from "./services/slack-world.ts";
import { storeOn } from "./store/sample-exposure.ts";
import type { World } from "./world.ts";

/** Those that nobody answers take the watchdog its two and a half seconds. */
const AT_ONCE = 80;

export async function sendSpoilt(
  world: World,
  count: number,
  seed: number,
): Promise<{ deliveries: Delivery[]; unhandled: unknown[] }> {
  const { slack } = world.sandbox;
  const envelopes = spoiltEnvelopes(await recordEnvelopes(world), count, seed);
  const deliveries: Delivery[] = [];
  const send = async (envelope: Record<string, unknown>) => {
    const delivery = await slack.sendEnvelope(envelope);
    // Nobody waits for the answer to an event, and Slack sends one again that was not acked.
    if (envelope.type !== "events_api") deliveries.push(delivery);
  };
  const unhandled = await unhandledDuring(async () => {
    for (let at = 0; at < envelopes.length; at += AT_ONCE)
      await Promise.all(envelopes.slice(at, at + AT_ONCE).map(send));
  });
  return { deliveries, unhandled };
}

export async function expectUnharmed(world: World, deliveries: Delivery[]): Promise<void> {
  const { slack, cloudflare, shared } = world.sandbox;
  expect(slack.sockets()).toBe(2);
  expect(deliveries.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  expect(world.logged.filter((line) => line.includes("fatal"))).toEqual([]);
  const host = await expose(world, { service: "grafana", hostname: "still-well" });

  const said = shared.journal.entries().filter(({ vendor }) => vendor === "slack");
  const acks = deliveries.map((each) => ("payload" in each ? each.payload : null));
  for (const body of [...said.map((each) => each.body), ...acks]) {
    expect(JSON.stringify(body) ?? "").not.toMatch(
      /\bat \w.*:\d+:\d+|TypeError|RangeError|syntax error|undefined/,
    );
    for (const text of parsedIn(body)) for (const shout of SHOUTS) expect(text).not.toContain(shout);
  }
  for (const hostname of await storedHostnames(world))
    expect(hostname).toMatch(/^[a-z0-9-]{1,62}\.lakeside(-labs)?\.example$/);
  for (const { domain } of cloudflare.applications())
    expect(domain).toMatch(/^[a-z0-9-]{1,62}\.lakeside(-labs)?\.example$/);
  expect(cloudflare.firstHole(host)).toBeNull();
}

/** Every text that Slack would read as mrkdwn. */
function parsedIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(parsedIn);
  if (typeof value !== "object" || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = typeof text === "string" && type !== "plain_text" && type !== "text" ? [text] : [];
  return [...own, ...Object.values(value).flatMap(parsedIn)];
}

async function storedHostnames(world: World): Promise<string[]> {
  const database = await openDatabase({ url: world.databaseUrl ?? "", dataDir: "" });
  try {
    const rows = await database.db.selectFrom("exposures").select("id").execute();
    const store = storeOn(database);
    const loaded = await Promise.all(rows.map(({ id }) => store.load(id)));
    return loaded.map((each) => each?.hostname ?? "");
  } finally {
    await database.close();
  }
}
