// What Prometheus reads from a running bot: figures of what there is, how it fares, and nothing that is nobody's business.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../sandbox/bot.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
let address: string;
beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}/metrics`;
  world = await createWorld({ env: { HEALTH_PORT: String(port), LOOK_SECONDS: "0.5" } });
});
afterAll(() => world.close());

const scraped = async () => await (await fetch(address)).text();

/** The value of one series, by its name and labels as they are written. */
async function figure(series: string): Promise<number> {
  const line = (await scraped()).split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.split(" ").at(-1) ?? Number.NaN);
}

test("a request that waits is counted by its phase, and its ack is timed", async () => {
  expect(await figure('drawbridge_exposures{phase="pending"}')).toBe(0);
  expect(await world.asha.asks({ service: "billing-api" })).toBeNull();
  expect(await figure('drawbridge_exposures{phase="pending"}')).toBe(1);
  expect(await figure("drawbridge_slack_ack_seconds_count")).toBeGreaterThan(1);
  expect(await figure("drawbridge_slack_sockets")).toBeGreaterThan(0);
  expect(await figure("drawbridge_slack_in_flight")).toBe(0);
});

test("an opening shows in the calls to each vendor and in the visits", async () => {
  const card = await world.until("the card is there", () => world.card("billing-api"));
  await world.lee.presses("Approve", card);
  await world.until("it is open", () =>
    figure('drawbridge_exposures{phase="open"}').then((open) => open === 1),
  );
  const visits = 'drawbridge_api_calls_total{vendor="edge",operation="visit",outcome="stopped"}';
  expect(await figure(visits)).toBeGreaterThan(3);
  const text = await scraped();
  for (const vendor of ["slack", "cloudflare", "google"])
    expect(text).toMatch(
      new RegExp(`drawbridge_api_calls_total\\{vendor="${vendor}",.*outcome="ok"\\} [1-9]`),
    );
  expect(await figure("drawbridge_cloudflare_calls_left")).toBeGreaterThan(0);
  expect(await figure('drawbridge_oldest_due_seconds{what="end"}')).toBe(0);
});

test("a call that failed is counted by how", async () => {
  world.sandbox.shared.faults.add({
    vendor: "slack",
    path: "views.open",
    effect: { kind: "status", status: 500 },
  });
  await world.asha.runs("grafana");
  const failed = 'drawbridge_api_calls_total{vendor="slack",operation="views.open",outcome="retry"}';
  await world.until("the failure is counted", () => figure(failed).then((count) => count >= 1));
});

test("each tunnel is in one state, with its connections", async () => {
  const up = `drawbridge_tunnel_state{tunnel="${TUNNEL}",state="up"}`;
  await world.until("the tunnel is seen up", () => figure(up).then((value) => value === 1));
  const text = await scraped();
  const states = [...text.matchAll(/drawbridge_tunnel_state\{tunnel="[^"]+",state="\w+"\} (\d)/g)].map(
    ([, one]) => one,
  );
  expect(states.sort()).toEqual(["0", "0", "0", "1"]);
  expect(text).toMatch(/drawbridge_tunnel_connectors\{tunnel="[^"]+"\} \d/);
  expect(text).toMatch(/drawbridge_tunnel_connections\{tunnel="[^"]+"\} \d/);
  expect(text).toMatch(/drawbridge_incidents_open\{severity="critical"\} \d/);
});

test("the page on metrics names every one of them, and no other", async () => {
  const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const named = new Set([...page.matchAll(/drawbridge_[a-z_]+/g)].map(([name]) => name));
  const told = [...(await scraped()).matchAll(/^# TYPE (drawbridge_\w+)/gm)].map(([, name]) => name);
  expect([...named].sort()).toEqual(told.sort());
});

test("it names no hostname, no person and no secret, and its labels stay few", async () => {
  const text = await scraped();
  expect(text).not.toMatch(/lakeside\.example|billing-api|U0ASHA|xoxb-|xapp-|sandbox-cloudflare-token/);
  const ours = text.split("\n").filter((line) => line.startsWith("drawbridge_"));
  expect(ours.length).toBeLessThan(250);
});
