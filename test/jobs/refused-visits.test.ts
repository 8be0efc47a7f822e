// A service token that Access does not take any more: the log says so once an hour, whatever is open.
import { expect, test } from "vitest";
import { createReadings, type ReadingTools } from "../../src/jobs/readings.ts";
import { at, openExposure } from "../domain/exposure-sample.ts";
import { recorder } from "../services/slack-world.ts";

async function warningsAfter(refused: boolean, minutes: number[]): Promise<number> {
  const plain = openExposure();
  const exposure = { ...plain, progress: { ...plain.progress, aud: "aud-1" } };
  const { log, messages } = recorder();
  const stranger = { kind: "stopped", aud: "aud-1" };
  const tools = {
    signals: {
      api: { read: async () => [] },
      logs: { projects: [] },
      visits: { visit: async () => ({ stranger, origin: null, refused }) },
    },
    policy: { tunnels: [], logs: { tail: false } },
    lookMs: 60_000,
    againMs: 1,
    live: async () => [exposure, { ...exposure, hostname: "reports.lakeside.example" }],
    log,
  };
  const readings = createReadings(tools as unknown as ReadingTools);
  for (const minute of minutes) await readings.take(at(minute));
  return messages().filter((message) => message.includes("did not take the service token")).length;
}

test.each([
  ["once in an hour", true, [0, 12, 24, 36, 48], 1],
  ["again after an hour", true, [0, 12, 24, 36, 48, 60], 2],
  ["never, where it is taken", false, [0, 12, 24], 0],
])("told %s", async (_, refused, minutes, warnings) => {
  expect(await warningsAfter(refused, minutes)).toBe(warnings);
});
