// Cloudflare cannot be asked at the start: the process comes up, people are answered, and what they decided is done once
// Cloudflare is back. What is found wrong then ends the process, as it would have at the start.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ask, expose, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ ownProcess: true, env: { SWEEP_SECONDS: "5" } });
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

function takeCloudflareAway(): void {
  const effect = { kind: "status", status: 503 } as const;
  world.sandbox.shared.faults.add({ vendor: "cloudflare", times: 0, effect });
}

/** But for the tag, which each check makes sure of, also those that are made up for. */
function writes(): number {
  const calls = world.sandbox.shared.journal.entries().filter(({ vendor }) => vendor === "cloudflare");
  return calls.filter(({ method, path }) => method !== "GET" && !path.endsWith("/access/tags")).length;
}

/** On a slow machine a look-up may come too late for a click right after the start: it is refused then, and made again. */
async function untilApproved(host: string): Promise<void> {
  const isApproved = () => /Approved/.test(world.cardText(host));
  for (let attempt = 1; attempt <= 3 && !isApproved(); attempt++) {
    await world.lee.presses("Approve", world.card(host));
    await world.until("the card says that it is approved", isApproved, 10).catch(() => null);
  }
  expect(world.cardText(host)).toMatch(/Approved/);
}

test("away at the start: what is approved then is opened, and what is past its end closed, once it is back", async () => {
  const past = await expose(world, { service: "billing-api", duration: 60 });
  const host = await ask(world, { service: "reports", duration: 1440 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(61 * 60_000);
  takeCloudflareAway();
  const before = writes();
  await world.startBot();
  await untilApproved(host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);

  world.sandbox.shared.faults.clear();
  await untilOpen(world, host, 90);
  await untilClosed(world, past, 90);
  expect(writes()).toBeGreaterThan(before);
});

test("where one check alone goes without an answer, nothing is opened until it has one, and what people close is closed", async () => {
  const open = await expose(world, { service: "returns", duration: 1440 });
  const ended = await expose(world, { service: "grafana", duration: 1440 });
  const host = await ask(world, { service: "billing-api", duration: 1440 });
  await world.stopBot();
  const effect = { kind: "status", status: 503 } as const;
  world.sandbox.shared.faults.add({ vendor: "cloudflare", path: "/access/organizations$", times: 0, effect });
  await world.startBot();
  const before = writes();
  await world.lee.presses("Approve", world.card(host));
  // On the same tunnel: the passes that close it have the approved one before them.
  await world.lee.presses("Close", world.card(ended));
  await untilClosed(world, ended);
  // Its route, record, tokens and application.
  expect([writes() - before, standing(world, host)]).toEqual([4, NOTHING_STANDING]);
  const reason = "Cloudflare has not yet told the name of the Access team.";
  await world.until("the card says why it waits", () => world.cardText(host).includes(reason));
  world.sandbox.shared.faults.clear();
  await untilOpen(world, host, 90);
  expect(world.cardText(host)).not.toContain(reason);
  expect(world.sandbox.cloudflare.history(open).map(({ what }) => what)).not.toContain("route removed");
});

test("a right that turns out to lack once it is back ends the process, with what to do", async () => {
  await world.stopBot();
  takeCloudflareAway();
  const bot = await world.startBot();
  const earlier = world.logged.length;
  world.sandbox.shared.faults.clear();
  const effect = { kind: "status", status: 403 } as const;
  world.sandbox.shared.faults.add({ vendor: "cloudflare", path: `/cfd_tunnel/${TUNNEL}$`, times: 0, effect });
  await world.until("it has ended", async () => !(await isAlive(bot.healthPort)), 60);
  expect(world.logged.slice(earlier).join("\n")).toMatch(
    /The configuration has a problem:\n- Cloudflare: .*Give the token the permission "Cloudflare Tunnel Edit/,
  );
});

async function isAlive(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/healthz`).then(
    () => true,
    () => false,
  );
}
