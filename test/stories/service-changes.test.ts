// A service is looked at again before its route is put in and while it is open: one that is gone closes what leads to it,
// one that was made public since is not opened, and told of where it is open already. Google being away closes nothing.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Seed } from "../../sandbox/contract.ts";
import {
  ask,
  expose,
  isOpen,
  NOTHING_STANDING,
  standing,
  threadOf,
  untilClosed,
  untilOpen,
} from "../exposing.ts";
import { createWorld, type World } from "../world.ts";

type Change = Partial<Seed["google"]["services"][number]>;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

function expectNeverRouted(host: string): void {
  const changes = world.sandbox.cloudflare.history(host).map((each) => each.what);
  expect(changes).not.toContain("route added");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
}

const CHANGES: [service: string, change: Change | "deleted", said: string][] = [
  ["grafana", { ingress: "all", publicInvoker: true }, "the Cloud Run service was made public"],
  ["reports", { ingress: "none" }, "takes no requests any more"],
  ["stock-viewer", { defaultUriDisabled: true }, "run.app address was turned off"],
  ["recipe-editor", "deleted", "There is no such Cloud Run service any more: it was deleted or renamed."],
];

test.each(CHANGES)("changed between the request and the approval: %s, %o", async (service, change, said) => {
  const { google } = world.sandbox;
  const host = await ask(world, { service });
  const name = `lakeside-prod/asia-northeast1/${service}`;
  if (change === "deleted") google.removeService(name);
  else google.setService(name, change);
  await world.lee.presses("Approve", world.card(host));
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Could not open");
  expect(world.cardText(host)).toContain(said);
  expectNeverRouted(host);
});

test("a service that cannot be read at its opening: nothing is routed, and the log has the fault", async () => {
  const { shared } = world.sandbox;
  const host = await ask(world, { service: "orders-api" });
  const effect = { kind: "status", status: 7 } as const;
  shared.faults.add({ vendor: "google", method: "GetService", path: "orders-api", times: 0, effect });
  const before = world.logged.length;
  await world.lee.presses("Approve", world.card(host));
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Could not open");
  expectNeverRouted(host);
  const told = world.logged.slice(before).filter((line) => line.includes("a step did not get done"));
  expect(told.filter((line) => line.includes("describe-service"))).toEqual([
    expect.stringContaining("run.GetService"),
  ]);
});

test("deleted while it is open: it is closed, with the reason", async () => {
  const { google, shared } = world.sandbox;
  const host = await expose(world, { service: "route-planner", duration: 1440 });
  google.removeService("route-planner");
  shared.clock.forward(61_000);
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("The Cloud Run service is gone, or takes requests no more.");
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

test("made public while it is open: the card warns, its thread tells once, and it stays open", async () => {
  const { google, shared } = world.sandbox;
  const host = await expose(world, { service: "supplier-portal", duration: 1440 });
  google.setService("supplier-portal", { ingress: "all", publicInvoker: true });
  shared.clock.forward(61_000);
  const warning = "This service is public";
  await world.until("the card warns", () => world.cardText(host).includes(warning));
  expect(isOpen(world, host)).toBe(true);
  const told = () => threadOf(world, host).filter((each) => each.includes(warning));
  await world.until("the thread tells", () => told().length > 0);
  google.setService("supplier-portal", { ingress: "internal", publicInvoker: true });
  shared.clock.forward(61_000);
  await world.until("the warning is gone", () => !world.cardText(host).includes(warning));
  expect(told()).toHaveLength(1);
});

test("given a log-in of Google's while it is open: the card says what visitors meet, and it stays open", async () => {
  const { google, shared } = world.sandbox;
  const host = await expose(world, { service: "notebook", duration: 1440 });
  google.setService("notebook", { iapEnabled: true });
  shared.clock.forward(61_000);
  const warning = "Identity-Aware Proxy stands before it";
  await world.until("the card warns", () => world.cardText(host).includes(warning));
  expect(isOpen(world, host)).toBe(true);
  google.setService("notebook", { iapEnabled: false });
  shared.clock.forward(61_000);
  await world.until("the warning is gone", () => !world.cardText(host).includes(warning));
});

test("a project that may not be listed and a service that may not be read keep nothing of the others from being seen", async () => {
  const { google, shared } = world.sandbox;
  const unlisted = await expose(world, { service: "status-page", hostname: "unlisted", duration: 1440 });
  const unread = await expose(world, { service: "forecast", duration: 1440 });
  const gone = await expose(world, { service: "label-maker", duration: 1440 });
  const denied = { vendor: "google", times: 0, effect: { kind: "status", status: 7 } } as const;
  shared.faults.add({ ...denied, method: "ListServices", path: "lakeside-prod" });
  shared.faults.add({ ...denied, method: "GetService", path: "forecast" });
  google.setService("forecast", { ingress: "all" });
  google.removeService("label-maker");
  shared.clock.forward(61_000);
  await untilClosed(world, gone);
  expect([unlisted, unread].map((host) => isOpen(world, host))).toEqual([true, true]);
  const isTold = (of: string) =>
    world.logged.some((line) => line.includes("a job failed") && line.includes(of));
  await world.until("the log tells of it", () => isTold("run.ListServices") || isTold("run.GetService"));
});

test("Google away, denied or with an empty list: what is open stays, and what is asked for waits", async () => {
  const { shared } = world.sandbox;
  const open = await expose(world, { service: "returns", duration: 1440 });
  const host = await ask(world, { service: "billing-api" });
  for (const effect of [
    { kind: "status", status: 14 },
    { kind: "status", status: 7 },
    { kind: "empty-list" },
  ] as const) {
    const id = shared.faults.add({ vendor: "google", method: "ListServices", times: 0, effect });
    const before = shared.journal.entries().length;
    shared.clock.forward(61_000);
    await world.until("the list was asked for", () =>
      shared.journal
        .entries()
        .slice(before)
        .some((each) => each.method === "ListServices"),
    );
    shared.faults.remove(id);
  }
  shared.faults.add({
    vendor: "google",
    method: "GetService",
    times: 2,
    effect: { kind: "status", status: 14 },
  });
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host);
  expect(isOpen(world, open)).toBe(true);
});
