// The store of exposures, which writes down what they are decided by: by the policy of today.
import { decidersOf, type Policy } from "./domain/policy.ts";
import { type Queue, wakerFor } from "./jobs/queue.ts";
import { planDigest } from "./plan-digest.ts";
import type { Database } from "./store/database.ts";
import { createExposures, type ExposureStore } from "./store/exposures.ts";

export function exposuresBy(policy: Policy, { db }: Pick<Database, "db">, queue: Queue): ExposureStore {
  return createExposures({
    db,
    wake: wakerFor(queue),
    digestOf: (exposure) => planDigest(exposure, policy),
    decidersOf: ({ service }) => decidersOf(policy, service),
  });
}
