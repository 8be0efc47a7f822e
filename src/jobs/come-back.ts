// When a tunnel that could not be observed is looked at again.
import type { ExposureStore } from "../store/exposures.ts";

/** All of its exposures that wait for another attempt come at once, with the most patient of them: many that back off each
 *  for itself would be a storm. What is due at its own time, such as an end, keeps it. */
export async function comeBackTogether(exposures: ExposureStore, tunnelId: string): Promise<void> {
  const waiting = (await exposures.schedulesOf(tunnelId)).filter(
    ({ attempts, next }) => attempts > 0 && next,
  );
  const [last] = waiting.sort((a, b) => (b.next?.getTime() ?? 0) - (a.next?.getTime() ?? 0));
  if (!last) return;
  for (const { id, version } of waiting) await exposures.schedule(id, version, last.next, last.attempts);
}
