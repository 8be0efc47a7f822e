// A stranger who gets through an open hostname: told when a second visit saw it too, and not for one strange answer.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { VisitVerdict } from "../../src/domain/observed.ts";
import { createReadings, type ReadingTools } from "../../src/jobs/readings.ts";
import { NOON, openExposure } from "../domain/exposure-sample.ts";
import { quiet } from "../quiet.ts";

const STOPPED: VisitVerdict = { kind: "stopped", aud: "aud-1" };
const UNPROVED: VisitVerdict = { kind: "inconclusive", status: 409, because: "error code: 1001" };
const reached = (status = 200): VisitVerdict => ({ kind: "reached", status });

/** What is told after one look, by what each visit in turn brings; the last one goes on. */
async function look(verdicts: VisitVerdict[]): Promise<{ told: [string, number][]; visits: number }> {
  const plain = openExposure();
  const exposure = { ...plain, progress: { ...plain.progress, aud: "aud-1" } };
  const told: [string, number][] = [];
  let visits = 0;
  const next = async () => verdicts[Math.min(visits++, verdicts.length - 1)]!;
  const tools = {
    signals: {
      api: { read: async () => [] },
      logs: { projects: [] },
      visits: {
        visit: async () => ({ stranger: await next(), origin: null, refused: false }),
        visitAsStranger: next,
      },
    },
    policy: { tunnels: [], logs: { tail: false } },
    lookMs: 60_000,
    againMs: 1,
    live: async () => [exposure],
    onStranger: async ({ hostname }: Exposure, status: number) => void told.push([hostname, status]),
    log: quiet,
  };
  const readings = createReadings(tools as unknown as ReadingTools);
  await readings.take(NOON);
  return { told, visits };
}

const HOST = openExposure().hostname;

test.each<[string, VisitVerdict[], number | null]>([
  ["twice", [reached(200), reached(200)], 200],
  ["twice, with another status", [reached(200), reached(302)], 302],
  ["once, and a third visit agrees where the second proved nothing", [reached(), UNPROVED, reached()], 200],
  ["once, and Access stopped the second", [reached(), STOPPED, reached()], null],
  ["once, and the tunnel did not know the hostname", [reached(), { kind: "not-routed", status: 404 }], null],
  ["once, and nothing was proved after that", [reached(), UNPROVED], null],
  ["never", [STOPPED], null],
  ["once, and an edge in trouble answered", [reached(), reached(500)], null],
  ["never, but an edge in trouble answered", [reached(500)], null],
])("got through %s", async (_, verdicts, status) => {
  const { told, visits } = await look(verdicts);
  expect(told).toEqual(status === null ? [] : [[HOST, status]]);
  expect(visits).toBeLessThanOrEqual(3);
});
