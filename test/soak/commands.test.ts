// Set-up, rotation and the reaper, killed at each request of their own, and run again until they end.
import type { ChildProcess } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { killedAgainAndAgain, killedAt } from "../commands/kill-loop.ts";
import { environmentOf, type Outcome, runCommand } from "../commands/run-command.ts";
import { expose, NOTHING_STANDING, standing } from "../exposing.ts";
import { createWorld } from "../world.ts";

const PROJECT = "lakeside-prod";
const SECRET = `projects/${PROJECT}/secrets/drawbridge-tunnel-token`;

function runner({ env }: Sandbox, name: string) {
  return (started?: (child: ChildProcess) => void): Promise<Outcome> =>
    runCommand(name, ["--region", "asia-northeast1"], {
      env: { ...env, GOOGLE_CLOUD_PROJECT: PROJECT },
      started,
    });
}

test("set-up, each run killed one request later than the one before: one tunnel, one token that is taken", async () => {
  const sandbox = await startSandbox({ bot: false });
  onTestFinished(sandbox.stop);
  const { shared, google, cloudflare } = sandbox;
  const { last, kills } = await killedAgainAndAgain(shared, 1, runner(sandbox, "setup"));
  expect(last).toMatchObject({ code: 0, err: "" });
  const made = shared.journal
    .entries()
    .filter(
      ({ method, path, status }) => method === "POST" && path.endsWith("/cfd_tunnel") && status === 200,
    );
  expect(made).toHaveLength(1);
  const id = tunnelOf(last);
  expect(google.secretValue(SECRET, "1")).toBe(cloudflare.tunnelToken(id));
  expect(google.secretValue(SECRET, "2")).toBeNull();
  expect(cloudflare.connectors.of(id)).toHaveLength(2);
  process.stderr.write(`${kills} kills of set-up\n`);
});

/** Side by side, each with every so-manieth request. A run that begins when all was done rotates anew: each kill has a
 *  rotation of its own. */
const SHARES = 3;

test.concurrent.each(Array.from({ length: SHARES }, (_, share) => share + 1))(
  "rotation, killed once at each request and run again: one token, and never no connector, share %i",
  async (share) => {
    const sandbox = await startSandbox({ bot: false });
    try {
      const id = tunnelOf(await runner(sandbox, "setup")());
      const rotate = runner(sandbox, "rotate-token");
      let kills = 0;
      for (let nth = share; ; nth += SHARES) {
        const before = sandbox.cloudflare.tunnelToken(id);
        const watched = watchConnectors(sandbox, id);
        const killed = await killedAt(sandbox.shared, nth, rotate);
        const ended = killed.code === null ? await rotate() : killed;
        expect([nth, watched(), ended]).toMatchObject([nth, { none: false }, { code: 0, err: "" }]);
        expectRotated(sandbox, id, before);
        if (killed.code !== null) break;
        kills += 1;
      }
      process.stderr.write(`${kills} kills of rotation\n`);
    } finally {
      await sandbox.stop();
    }
  },
);

function tunnelOf({ out }: Outcome): string {
  return /id: ([0-9a-f-]{36})/.exec(out)?.[1] ?? "";
}

function watchConnectors({ cloudflare }: Sandbox, id: string): () => { none: boolean } {
  let none = false;
  const off = cloudflare.onChange(({ kind }) => {
    if (kind === "connectors") none ||= cloudflare.connectors.of(id).length === 0;
  });
  return () => {
    off();
    return { none };
  };
}

const MANY = 400;

function expectRotated({ cloudflare, google }: Sandbox, id: string, before: string): void {
  const versions = Array.from({ length: MANY }, (_, index) => String(index + 1));
  const enabled = versions.flatMap((each) => google.secretValue(SECRET, each) ?? []);
  expect(enabled).toEqual([cloudflare.tunnelToken(id)]);
  expect(enabled).not.toContain(before);
  expect(cloudflare.connectors.of(id)).toHaveLength(2);
}

test("the reaper, each run killed one request later than the one before: closed in the end, and never a hole", async () => {
  const world = await createWorld();
  onTestFinished(() => world.close());
  const host = await expose(world, { service: "billing-api", duration: 60 });
  await world.stopBot();
  const { shared, cloudflare } = world.sandbox;
  shared.clock.forward(2 * 60 * 60_000);
  const { last, kills } = await killedAgainAndAgain(shared, 1, (started) =>
    runCommand("reap", [], { env: environmentOf(world), started }),
  );
  expect(last.code).toBe(0);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
  process.stderr.write(`${kills} kills of the reaper\n`);
});
