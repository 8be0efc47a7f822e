// Set-up, rotation and the reaper, killed at ever later requests of their own, and run again until they end.
import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../sandbox/start.ts";
import { killedAgainAndAgain } from "../commands/kill-loop.ts";
import { environmentOf, runCommand } from "../commands/run-command.ts";
import { expose, NOTHING_STANDING, standing } from "../exposing.ts";
import { createWorld } from "../world.ts";

const PROJECT = "lakeside-prod";
const SECRET = `projects/${PROJECT}/secrets/drawbridge-tunnel-token`;

test("set-up, and then rotation: one tunnel, one token that is taken, and never no connector", async () => {
  const { env, shared, google, cloudflare, stop } = await startSandbox({ bot: false });
  onTestFinished(stop);
  const run = (name: string) => (started: Parameters<Parameters<typeof killedAgainAndAgain>[2]>[0]) =>
    runCommand(name, ["--region", "asia-northeast1"], {
      env: { ...env, GOOGLE_CLOUD_PROJECT: PROJECT },
      started,
    });
  const setup = await killedAgainAndAgain(shared, 2, run("setup"));
  expect(setup.last).toMatchObject({ code: 0, err: "" });
  const made = shared.journal
    .entries()
    .filter(
      ({ method, path, status }) => method === "POST" && path.endsWith("/cfd_tunnel") && status === 200,
    );
  expect(made).toHaveLength(1);
  const id = /id: ([0-9a-f-]{36})/.exec(setup.last.out)?.[1] ?? "";
  const first = cloudflare.tunnelToken(id);
  expect(google.secretValue(SECRET, "1")).toBe(first);
  expect(cloudflare.connectors.of(id)).toHaveLength(2);

  let fewest = 2;
  const off = cloudflare.onChange(({ kind }) => {
    if (kind === "connectors") fewest = Math.min(fewest, cloudflare.connectors.of(id).length);
  });
  const rotation = await killedAgainAndAgain(shared, 6, run("rotate-token"));
  off();
  expect(rotation.last).toMatchObject({ code: 0, err: "" });
  const versions = Array.from({ length: 60 }, (_, index) => String(index + 1));
  const enabled = versions.flatMap((each) => google.secretValue(SECRET, each) ?? []);
  expect(enabled).toEqual([cloudflare.tunnelToken(id)]);
  expect(enabled).not.toContain(first);
  expect(fewest).toBeGreaterThanOrEqual(1);
  process.stdout.write(`${setup.kills} kills of set-up, ${rotation.kills} of rotation\n`);
});

test("the reaper: closed in the end, and never a hole", async () => {
  const world = await createWorld();
  onTestFinished(() => world.close());
  const host = await expose(world, { service: "billing-api", duration: 60 });
  await world.stopBot();
  const { shared, cloudflare } = world.sandbox;
  shared.clock.forward(2 * 60 * 60_000);
  const { last, kills } = await killedAgainAndAgain(shared, 2, (started) =>
    runCommand("reap", [], { env: environmentOf(world), started }),
  );
  expect(last.code).toBe(0);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
  process.stdout.write(`${kills} kills of the reaper\n`);
});
