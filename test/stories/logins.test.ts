// Who came in through Access is seen on the card, though a log-in changes no exposure.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose, untilOpen } from "../exposing.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const LOG = "/access_requests$";

/** How often the log was read, and how often a card was drawn anew. */
function calls() {
  const entries = world.sandbox.shared.journal.entries();
  const count = (path: RegExp) => entries.filter((each) => path.test(each.path)).length;
  return { reads: count(/access_requests$/), drawn: count(/chat\.update$/), posted: count(/chat\.post/) };
}

/** Who asked for it has heard that it is open, which comes after the card. */
function isTold(host: string): boolean {
  const told = world.asha.directMessages().map(textOf);
  return told.some((text) => text.includes(host) && text.includes("It is open"));
}

/** A sweep begins and has looked for log-ins. */
async function sweep(): Promise<void> {
  const before = calls().reads;
  world.sandbox.shared.clock.forward(1);
  await world.until("log-ins are looked for", () => calls().reads > before);
}

test("a token that may not read log-ins is no trouble, and one that may is believed from then on", async () => {
  const { cloudflare, shared } = world.sandbox;
  shared.faults.add({
    vendor: "cloudflare",
    path: LOG,
    times: 0,
    effect: { kind: "status", status: 403 },
  });
  const host = await expose(world, { service: "billing-api" });
  await cloudflare.visit(host, { email: "tom@lakeside.example" });
  const said = world.logged.length;
  await sweep();
  await sweep();
  expect(world.cardText(host)).not.toMatch(/log-ins/);
  expect(world.logged.slice(said).filter((line) => line.includes("a job failed"))).toEqual([]);
  shared.faults.clear();
  await sweep();
  await world.until("it shows who came", () => world.cardText(host).includes("tom@lakeside.example"));
});

test("the next sweep shows who came in; while nobody comes nothing is drawn", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "grafana" });
  await world.until("it says that nobody came", () => world.cardText(host).includes("nobody until"));
  const quiet = await expose(world, { service: "stock-viewer" });
  await world.until("so does the other", () => world.cardText(quiet).includes("nobody until"));
  await world.until("both are told of", () => isTold(host) && isTold(quiet));

  await cloudflare.visit(host, { email: "tom@lakeside.example" });
  const { posted } = calls();
  await sweep();
  await world.until("it shows who came", () => world.cardText(host).includes("tom@lakeside.example"));
  expect(world.cardText(quiet)).toContain("nobody until");
  const { drawn } = calls();
  await sweep();
  await sweep();
  expect(calls()).toMatchObject({ drawn, posted });

  await cloudflare.visit(host, { email: "asha@lakeside.example" });
  await cloudflare.visit(host, { email: "mallory@elsewhere.example" });
  await sweep();
  await world.until("both are shown", () => /asha@.*tom@/s.test(world.cardText(host)));
  expect(world.cardText(host)).not.toContain("mallory");
});

test("in an account where many log in, nobody is lost who was shown, and nothing is said of what was not read", async () => {
  const { cloudflare, shared } = world.sandbox;
  const host = await expose(world, { service: "recipe-editor" });
  const quiet = await expose(world, { service: "route-planner" });
  await cloudflare.visit(host, { email: "tom@lakeside.example" });
  await sweep();
  await world.until("it shows who came", () => world.cardText(host).includes("tom@lakeside.example"));
  await world.until("nobody came to the other", () => world.cardText(quiet).includes("nobody until"));

  const elsewhere = { app_uid: "elsewhere", user_email: "kim@lakeside.example", allowed: true };
  shared.clock.forward(60_000);
  const line = { ...elsewhere, created_at: shared.clock.now().toISOString() };
  const body = { success: true, errors: [], messages: [], result: Array.from({ length: 1000 }, () => line) };
  shared.faults.add({
    vendor: "cloudflare",
    path: LOG,
    times: 0,
    effect: { kind: "status", status: 200, body },
  });
  const { drawn } = calls();
  await sweep();
  await sweep();
  expect(calls().drawn).toBe(drawn);
  for (const each of [host, quiet]) {
    await world.asha.presses("Extend", world.card(each));
    await world.asha.submits({ "form.duration": "480", "form.reason": "Not done yet" });
    await world.until("it is drawn anew", () => world.cardText(each).includes("Not done yet"));
  }
  expect(world.cardText(host)).toMatch(/; some before .*may be missing.*tom@lakeside.example/s);
  expect(world.cardText(quiet)).toMatch(/nobody from .* until .*; the log was not read further back/s);
  shared.faults.clear();
});

test("who came in before the gate was made anew stays on the card", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "reports" });
  await cloudflare.visit(host, { email: "asha@lakeside.example" });
  await sweep();
  await world.until("it shows who came", () => world.cardText(host).includes("asha@lakeside.example"));

  const gate = () => cloudflare.applications().find((each) => each.domain === host)?.id;
  const first = gate();
  cloudflare.deleteApplication(String(first));
  await sweep();
  await world.until("a new gate stands", () => gate() && gate() !== first);
  await untilOpen(world, host);
  expect(world.cardText(host)).toContain("asha@lakeside.example");
  await cloudflare.visit(host, { email: "tom@lakeside.example" });
  await sweep();
  await world.until("both are shown", () => /tom@.*asha@/s.test(world.cardText(host)));
});
