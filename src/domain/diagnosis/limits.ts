// How long, or how often, something has to be before it is a fault.

export type DiagnosisLimits = {
  /** With no connection up, or with nothing that answers. */
  outageMs: number;
  /** With fewer connections than there should be. */
  degradedMs: number;
  flapping: { drops: number; withinMs: number };
  /** Of processes that never got ready; of ones that did, two more are needed. */
  restartLoop: { starts: number; withinMs: number };
};

const MINUTE = 60_000;

/** How long a fresh configuration may take to reach every connector. */
export const CONVERGED_MS = MINUTE;

export const DIAGNOSIS_LIMITS: DiagnosisLimits = {
  outageMs: MINUTE,
  degradedMs: 5 * MINUTE,
  flapping: { drops: 3, withinMs: 10 * MINUTE },
  restartLoop: { starts: 3, withinMs: 10 * MINUTE },
};
