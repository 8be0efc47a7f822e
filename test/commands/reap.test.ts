// The dead man's switch: the bot is gone, the time of an exposure is up, and a job that knows nothing of Slack closes it.
import type { ChildProcess } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ALL_STANDING, ask, expose, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { actsOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";
import { environmentOf, type Outcome, runCommand } from "./run-command.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  await world.startBot();
});
afterEach(async () => {
  world.sandbox.shared.faults.clear();
  await world.stopBot();
});
afterAll(() => world.close());

const HOUR = 60 * 60_000;

function reap(args: string[] = [], started?: (child: ChildProcess) => void): Promise<Outcome> {
  return runCommand("reap", args, { env: environmentOf(world), started });
}

test("what is past its end is closed, what is not stays, and the card tells who did it once the bot is back", async () => {
  const over = await expose(world, { service: "billing-api", duration: 60 });
  const longer = await expose(world, { service: "grafana", duration: 1440 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(HOUR + 6 * 60_000);
  expect((await world.sandbox.cloudflare.visit(over)).verdict).toBe("stopped by Access");

  expect(await reap()).toMatchObject({ code: 0, out: `${over} is closed.\n` });
  expect(standing(world, over)).toEqual(NOTHING_STANDING);
  expect(standing(world, longer)).toEqual(ALL_STANDING);
  expect(world.sandbox.cloudflare.firstHole(over)).toBeNull();
  expect(await actsOf(world, over, "reaper")).toEqual(["reaper end: ok"]);
  expect(world.cardText(over)).not.toContain("Closed <!date");

  expect(await reap()).toMatchObject({ code: 0, out: "Nothing is past its end.\n" });
  await world.startBot();
  await untilClosed(world, over);
  expect(world.cardText(over)).toContain("so the reaper closed it.");
});

test("what an admin closed with everything is closed, though the bot died before it could", async () => {
  const host = await expose(world, { service: "route-planner", duration: 1440 });
  const { faults, clock } = world.sandbox.shared;
  faults.add({ vendor: "cloudflare", times: 0, effect: { kind: "hang" } });
  expect((await world.lee.isAnswered("close-all")).text).toMatch(/^Closing 2 exposures/);
  await world.stopBot("SIGKILL");
  faults.clear();
  clock.forward(6 * 60_000);
  expect((await reap()).out).toContain(`${host} is closed.\n`);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  await world.startBot();
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("An admin closed everything with the emergency switch.");
  await world.lee.isAnswered("unfreeze");
});

test("what waited for openings to be allowed again, until its time was over, ends with that reason", async () => {
  const host = await ask(world, { service: "grafana", hostname: "too-late", duration: 60 });
  await world.lee.isAnswered("freeze");
  await world.lee.presses("Approve", world.card(host));
  await world.until("it waits", () => world.cardText(host).includes("New openings are frozen."));
  await world.stopBot();
  world.sandbox.shared.clock.forward(2 * HOUR + 6 * 60_000);
  expect((await reap()).out).toContain(`${host} is closed.\n`);
  await world.startBot();
  await untilClosed(world, host);
  expect(world.cardText(host)).toContain("Openings were frozen until its time was over");
  await world.lee.isAnswered("unfreeze");
});

test("a bot that lives is left to do it", async () => {
  const host = await expose(world, { service: "reports", duration: 60 });
  world.sandbox.shared.clock.forward(HOUR);
  expect(await reap()).toMatchObject({ code: 0, out: "Nothing is past its end.\n" });
  await untilClosed(world, host);
  expect(await actsOf(world, host, "reaper")).toEqual([]);
});

test("what is past its end is closed also where Access does not tell its team's name", async () => {
  const host = await expose(world, { service: "route-planner", hostname: "nameless", duration: 60 });
  await world.stopBot();
  const effect = { kind: "status", status: 503 } as const;
  world.sandbox.shared.faults.add({ vendor: "cloudflare", path: "/access/organizations$", times: 0, effect });
  world.sandbox.shared.clock.forward(2 * HOUR);
  expect(await reap()).toMatchObject({ code: 0, out: `${host} is closed.\n` });
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
});

test("what cannot be closed is told with what keeps it, and the job fails", async () => {
  const host = await expose(world, { service: "returns", duration: 60 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(2 * HOUR);
  world.sandbox.shared.faults.add({
    vendor: "cloudflare",
    method: "PUT",
    path: "/configurations$",
    times: 0,
    effect: { kind: "status", status: 403 },
  });
  const outcome = await reap(["--patience", "15"]);
  expect(outcome.code).toBe(1);
  expect(outcome.out).toContain(`${host} is still being closed: Cloudflare refused our API token`);
  world.sandbox.shared.faults.clear();
  world.sandbox.shared.clock.forward(HOUR);
  expect(await reap()).toMatchObject({ code: 0, out: `${host} is closed.\n` });
});

test("a setting that is missing and a word that is wrong are told plainly", async () => {
  const { CLOUDFLARE_API_TOKEN: _, ...env } = environmentOf(world);
  const missing = await runCommand("reap", [], { env });
  expect(missing).toMatchObject({ code: 1, out: "" });
  expect(missing.err).toContain("CLOUDFLARE_API_TOKEN is missing");
  const wrong = await reap(["--grace", "soon"]);
  expect(wrong).toEqual({ code: 1, out: "", err: "--grace soon is not a number of 0 or more.\n" });
});

test("killed in the middle of it and run again, it ends right", async () => {
  const host = await expose(world, { service: "stock-viewer", duration: 60 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(2 * HOUR);
  const { journal } = world.sandbox.shared;
  // Between the route and the record; test/soak has every other moment.
  const killed = await reap([], (child) => {
    journal.onWrite(({ method }) => {
      if (method === "PUT") child.kill("SIGKILL");
    });
  });
  expect(killed.code).toBeNull();
  expect(await reap()).toMatchObject({ code: 0, out: `${host} is closed.\n` });
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});
