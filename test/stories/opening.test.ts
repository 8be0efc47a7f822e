// A bridge goes down in one order: gate, read back; record; a stranger stopped three times; road; connectors; a stranger
// stopped once more; and only then does the card say "open".
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JournalEntry } from "../../sandbox/contract.ts";
import { ask, askAndApprove, expose, firsts, isOpen, shapeOf, untilClosed, untilOpen } from "../exposing.ts";
import { standOpen } from "../hands.ts";
import { createWorld, TUNNEL, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Calls of the bot and what the edge saw of them, in the one order in which they happened. */
function watch(hostname: string): { seen: string[]; updates: string[]; stop(): void } {
  const { cloudflare, shared } = world.sandbox;
  const seen: string[] = [];
  const updates: string[] = [];
  const note = (entry: JournalEntry) => {
    const text = JSON.stringify(entry.body ?? "");
    if (entry.path.endsWith("/chat.update") && text.includes(hostname)) {
      updates.push(text);
      if (text.includes("Open until")) seen.push("the card says open");
    } else if (entry.vendor === "cloudflare") seen.push(shapeOf(entry).replace("cloudflare ", ""));
  };
  const stops = [
    shared.journal.onWrite(note),
    cloudflare.onChange((change) => {
      if (change.hostname === hostname) seen.push(change.kind);
    }),
  ];
  return { seen, updates, stop: () => stops.forEach((each) => void each()) };
}

/** As the card draws them: its text says them once more. */
function stepsOf(hostname: string): string[] {
  const card = world.card(hostname);
  if (!card) return [];
  return [...textOf({ ...card, text: "" }).matchAll(/^(Done|Under way|Waiting): /gm)].flatMap(
    (match) => match[1] ?? [],
  );
}

const CONFIG = "/accounts/{id}/cfd_tunnel/{id}/configurations";

test("every step rests on the one before", async () => {
  const host = await ask(world, { service: "grafana" });
  const { seen, stop } = watch(host);
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  stop();

  const first = (what: string, after = 0) => seen.indexOf(what, after);
  // Both are read side by side, and both before the next step.
  const readBack = [CONFIG, "/accounts/{id}/cfd_tunnel/{id}/connections"].map((path) =>
    first(`GET ${path}`, first("route added")),
  );
  const order = [
    first("access application created"),
    first("GET /accounts/{id}/access/apps/{id}"),
    first("dns record created"),
    first("stranger stopped by Access"),
    first("route added"),
    Math.max(...readBack),
    first("stranger stopped by Access", first("route added")),
    first("the card says open"),
  ];
  expect([...order, ...readBack]).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(seen.filter((each) => each === `PUT ${CONFIG}`)).toHaveLength(1);
  const before = seen.slice(0, first("route added"));
  expect(before.filter((each) => each.startsWith("stranger")).slice(-3)).toEqual(
    Array(3).fill("stranger stopped by Access"),
  );
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});

test("it is open once every connector runs the new configuration, and not before", async () => {
  const { cloudflare } = world.sandbox;
  const host = await ask(world, { service: "reports" });
  cloudflare.setConnectorDelay(600_000);
  await world.lee.presses("Approve", world.card(host));
  await world.until("the card waits for the connectors", () =>
    world.cardText(host).includes("2 of 2 connectors have not taken the new configuration yet."),
  );
  expect(world.cardText(host)).not.toContain("Open until");
  expect(stepsOf(host)).toEqual(["Done", "Done", "Done", "Done", "Under way", "Waiting"]);

  // One more exposure is not held up by it, and its write brings the connectors up to date for both.
  cloudflare.setConnectorDelay(40);
  await expose(world, { service: "stock-viewer" });
  await untilOpen(world, host);
  const { version } = cloudflare.tunnelConfig(TUNNEL);
  expect(cloudflare.connectors.of(TUNNEL).map((each) => each.configVersion)).toEqual([version, version]);
});

test("a slow propagation holds up its own hostname alone", async () => {
  const { cloudflare } = world.sandbox;
  cloudflare.setPropagation(600_000);
  const never = await askAndApprove(world, { service: "recipe-editor" });
  await world.until("the card says why it waits", () => world.cardText(never).includes("Nothing is routed."));
  expect(stepsOf(never)).toEqual(["Done", "Done", "Under way", "Waiting", "Waiting", "Waiting"]);
  cloudflare.setPropagation(3000);
  const slow = await askAndApprove(world, { service: "supplier-portal" });
  await world.until("its record is made", () => firsts(world, slow).includes("dns record created"));
  cloudflare.setPropagation(40);
  const quick = await expose(world, { service: "returns" });
  await untilOpen(world, slow);

  expect(isOpen(world, never)).toBe(false);
  expect(firsts(world, never)).not.toContain("route added");
  await world.lee.presses("Close", world.card(never));
  await untilClosed(world, never);
  for (const host of [never, slow, quick]) expect(cloudflare.firstHole(host)).toBeNull();
});

test("without a connector it waits, says so, and goes on by itself; the time asked for starts when it is open", async () => {
  const { cloudflare, shared } = world.sandbox;
  cloudflare.setConnectors(TUNNEL, 0);
  const host = await askAndApprove(world, {
    service: "forecast",
    zone: "lakeside-labs.example",
    duration: 240,
  });
  await world.until("the card says what is missing", () =>
    world.cardText(host).includes("No connector of the tunnel is running. Start cloudflared"),
  );
  shared.clock.forward(5 * 60_000);
  const before = shared.clock.now();
  cloudflare.setConnectors(TUNNEL, 2);
  await untilOpen(world, host);

  const end = Number(/Open until <!date\^(\d+)/.exec(world.cardText(host))?.[1]) * 1000;
  const hours = 4 * 60 * 60_000;
  expect(end).toBeGreaterThanOrEqual(before.getTime() + hours - 1000);
  expect(end).toBeLessThanOrEqual(shared.clock.now().getTime() + hours);
});

test("a log-in lasts no longer than the exposure", async () => {
  const host = await expose(world, { service: "notebook", zone: "lakeside-labs.example", duration: 60 });
  const application = world.sandbox.cloudflare.applications().find((each) => each.domain === host);
  expect(application?.session_duration).toBe("60m");
});

test("the card shows the steps as they happen, and the address only once it is open", async () => {
  const host = await ask(world, { service: "label-maker", zone: "lakeside-labs.example" });
  const { updates, stop } = watch(host);
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  stop();
  const done = updates
    .filter((text) => !text.includes("Open until"))
    .map((text) => text.split("Done: ").length - 1);
  expect(done.at(-1)).toBeGreaterThan(0);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(updates.filter((text) => text.includes(`https://${host}`) && !text.includes("Open until"))).toEqual(
    [],
  );
  expect(textOf(world.card(host))).toContain(`https://${host}`);
});

test("a stranger who gets through at the last visit: the route goes at once, and the card says why", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await ask(world, { service: "route-planner" });
  // The visit that comes after the route takes a while, and meanwhile somebody is at work in the dashboard.
  const stop = cloudflare.onChange(({ kind, hostname }) => {
    if (kind !== "route added" || hostname !== host) return;
    shared.faults.add({ vendor: "edge", path: `^${host}/`, effect: { kind: "delay", ms: 1000 } });
  });
  await world.lee.presses("Approve", world.card(host));
  await world.until("the last visit is on its way", () => shared.faults.list().some((each) => each.hits > 0));
  standOpen(world, host);
  await untilClosed(world, host);
  stop();
  shared.faults.clear();

  const text = world.cardText(host);
  expect(text).toContain("A stranger could have reached the service, so the route was taken away at once.");
  expect(text).toContain("A visit from outside without a log-in got through (status 200).");
  expect(text).not.toContain("Open until");
  const events = cloudflare.history(host).map((each) => each.what);
  const reached = events.indexOf("stranger reached the service");
  expect(events.slice(reached + 1)).toContain("route removed");
  expect(events.slice(reached + 1).filter((what) => what === "stranger reached the service")).toEqual([]);
  expect(events.at(-1)).not.toBe("hole opened");
});
