// Set-up, rotation and the reaper, killed once at each request of their own, and run again: they end right. Side by side in
// shares, each with every so-manieth request.
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { killedAt, type Run } from "../commands/kill-loop.ts";
import { environmentOf, type Outcome, runCommand } from "../commands/run-command.ts";
import { expose, NOTHING_STANDING, standing } from "../exposing.ts";
import { createWorld, type World } from "../world.ts";

const PROJECT = "lakeside-prod";
const SECRET = `projects/${PROJECT}/secrets/drawbridge-tunnel-token`;

const SHARES = 3;
const each = test.concurrent.each(Array.from({ length: SHARES }, (_, share) => share + 1));

/** `attempt` is given the number of a request, and answers false once the command makes fewer. */
async function killAtEach(what: string, share: number, attempt: (nth: number) => Promise<boolean>) {
  let nth = share;
  while (await attempt(nth)) nth += SHARES;
  process.stderr.write(`${what}, share ${share}: ${(nth - share) / SHARES} kills\n`);
}

/** Killed at its nth request and run again; without `killed` where it came to its end before. */
async function killedOnce(
  { shared }: Sandbox,
  nth: number,
  run: Run,
): Promise<{ ended: Outcome; killed: boolean }> {
  const first = await killedAt(shared, nth, run);
  return first.code === null ? { ended: await run(), killed: true } : { ended: first, killed: false };
}

function command({ env }: Sandbox, name: string): Run {
  return (started) =>
    runCommand(name, ["--region", "asia-northeast1"], {
      env: { ...env, GOOGLE_CLOUD_PROJECT: PROJECT },
      started,
    });
}

each("set-up: one tunnel, one token that is taken, share %i", (share) =>
  killAtEach("set-up", share, async (nth) => {
    const sandbox = await startSandbox({ bot: false });
    try {
      const { ended, killed } = await killedOnce(sandbox, nth, command(sandbox, "setup"));
      expect([nth, ended]).toMatchObject([nth, { code: 0, err: "" }]);
      const { google, cloudflare, shared } = sandbox;
      const made = shared.journal
        .entries()
        .filter(
          ({ method, path, status }) => `${method} ${status}` === "POST 200" && path.endsWith("/cfd_tunnel"),
        );
      expect(made).toHaveLength(1);
      const id = tunnelOf(ended);
      expect(google.secretValue(SECRET, "1")).toBe(cloudflare.tunnelToken(id));
      expect(cloudflare.connectors.of(id)).toHaveLength(2);
      return killed;
    } finally {
      await sandbox.stop();
    }
  }),
);

each("rotation: one token, and never no connector, share %i", async (share) => {
  const sandbox = await startSandbox({ bot: false });
  try {
    const id = tunnelOf(await command(sandbox, "setup")());
    await killAtEach("rotation", share, async (nth) => {
      const before = sandbox.cloudflare.tunnelToken(id);
      const watched = watchConnectors(sandbox, id);
      const { ended, killed } = await killedOnce(sandbox, nth, command(sandbox, "rotate-token"));
      expect([nth, watched(), ended]).toMatchObject([nth, { none: false }, { code: 0, err: "" }]);
      expectRotated(sandbox, id, before);
      return killed;
    });
  } finally {
    await sandbox.stop();
  }
});

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
  const enabled = versions.flatMap((version) => google.secretValue(SECRET, version) ?? []);
  expect(enabled).toEqual([cloudflare.tunnelToken(id)]);
  expect(enabled).not.toContain(before);
  expect(cloudflare.connectors.of(id)).toHaveLength(2);
}

each("the reaper: closed in the end, and never a hole, share %i", async (share) => {
  const world = await createWorld();
  try {
    await killAtEach("the reaper", share, (nth) => reaped(world, nth));
  } finally {
    await world.close();
  }
});

const HOUR = 60 * 60_000;

async function reaped(world: World, nth: number): Promise<boolean> {
  const host = await expose(world, { service: "billing-api", hostname: `reaped-${nth}`, duration: 60 });
  await world.stopBot();
  world.sandbox.shared.clock.forward(2 * HOUR);
  const { ended, killed } = await killedOnce(world.sandbox, nth, (started) =>
    runCommand("reap", [], { env: environmentOf(world), started }),
  );
  expect([nth, ended.code, ended.err]).toEqual([nth, 0, ""]);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
  await world.startBot();
  return killed;
}
