// A service token that Access does not take any more: handed on once for each round of visits, and what the visits saw counts
// even where it cannot be told.
import { expect, test } from "vitest";
import type { WatchedTunnel } from "../../src/domain/policy.ts";
import { createReadings, type ReadingTools } from "../../src/jobs/readings.ts";
import { at, openExposure } from "../domain/exposure-sample.ts";
import { quiet } from "../quiet.ts";

type Round = { told: string[]; probes: number };

async function visited(refused: boolean, onRefused?: () => Promise<void>): Promise<Round> {
  const plain = openExposure();
  const exposure = { ...plain, progress: { ...plain.progress, aud: "aud-1" } };
  const told: string[] = [];
  const stranger = { kind: "stopped", aud: "aud-1" };
  const origin = { kind: "probe", at: at(0), hostname: exposure.hostname, answer: "other" };
  const tools = {
    signals: {
      api: { read: async () => [] },
      logs: { projects: [] },
      visits: { visit: async () => ({ stranger, origin, refused }) },
    },
    policy: { tunnels: [], logs: { tail: false } },
    lookMs: 60_000,
    againMs: 1,
    live: async () => [exposure, { ...exposure, hostname: "reports.lakeside.example" }],
    onRefused: async (hostname: string) => {
      told.push(hostname);
      await onRefused?.();
    },
    log: quiet,
  };
  const readings = createReadings(tools as unknown as ReadingTools);
  await readings.take(at(0));
  const tunnel = { id: exposure.tunnelId } as WatchedTunnel;
  return { told, probes: readings.of(tunnel).probes.length };
}

test("a round that shows it hands it on once, whatever is open", async () => {
  expect(await visited(true)).toEqual({ told: [openExposure().hostname], probes: 2 });
});

test("a round without any refusal hands on nothing", async () => {
  expect(await visited(false)).toEqual({ told: [], probes: 2 });
});

test("what the visits saw is kept though it could not be told", async () => {
  const { probes } = await visited(true, () => Promise.reject(new Error("Slack is away")));
  expect(probes).toBe(2);
});
