// When people are told that something expires: 14, 3 and 1 days before, once each, and once when it has.

const DAY_MS = 24 * 60 * 60_000;

/** Days before the end at which people are told; 0 stands for "it has expired". */
const STAGES = [0, 1, 3, 14] as const;

export type ExpiryStage = (typeof STAGES)[number];

/** The nearest of the moments to tell that has been reached; null while there is time. */
export function expiryStage(expiresAt: Date, now: Date): ExpiryStage | null {
  const left = expiresAt.getTime() - now.getTime();
  return STAGES.find((days) => left <= days * DAY_MS) ?? null;
}
