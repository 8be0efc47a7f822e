// The real settling on a real store, at a moment that stands still.
import { createSettling } from "../../src/jobs/settling.ts";
import type { Database } from "../../src/store/database.ts";
import type { ExposureStore } from "../../src/store/exposures.ts";
import { createGuards } from "../../src/store/guards.ts";
import { quiet } from "../quiet.ts";

export function settlingOn({ db }: Database, exposures: ExposureStore, now: Date) {
  const tools = { exposures, guards: createGuards(db), whyForbidden: () => null, log: quiet };
  return createSettling({ ...tools, now: () => now });
}
