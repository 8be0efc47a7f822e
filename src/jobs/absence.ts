// The time in which nobody tried: a bot that was away gives nothing up for what it could not do meanwhile, and goes by no proof
// of before.
import type { Exposure } from "../domain/exposure.ts";
import type { ExposureStore } from "../store/exposures.ts";
import { noteProgress, scheduleIn } from "./noting.ts";

type Tools = { exposures: ExposureStore; now: () => Date };

/** A bot that is there looks at what is due within seconds. */
const AWAY_MS = 60_000;

/** An opening that comes to its turn this late has so much longer: `dueAt` is when it should have. */
export async function leaveOutAbsence(tools: Tools, exposure: Exposure, dueAt: Date): Promise<Exposure> {
  const { since, waiting } = exposure.progress;
  const now = tools.now();
  const lateMs = now.getTime() - dueAt.getTime();
  if (exposure.phase !== "opening" || since === null || lateMs < AWAY_MS) return exposure;
  const change = { since: new Date(Math.min(since.getTime() + lateMs, now.getTime())), gateProofs: 0 };
  const noted = await noteProgress(tools, exposure.id, { change, waiting });
  if (!noted) return exposure;
  // Due now and not then, so that another pass does not count the same time once more.
  await scheduleIn(tools, noted, 0, await tools.exposures.attemptsOf(exposure.id));
  return noted;
}
