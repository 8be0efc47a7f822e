// Work that stands side by side: what fails of it keeps nothing of the rest from being done.
import { isServiceFailure } from "../services/failure.ts";

/** Waits for all of it, and only then throws what failed: a fault of ours before a vendor's. */
export async function allDone(work: Promise<unknown>[]): Promise<void> {
  const done = await Promise.allSettled(work);
  const reasons = done.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  if (reasons.length > 0) throw reasons.find((each) => !isServiceFailure(each)) ?? reasons[0];
}
