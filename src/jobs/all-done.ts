// Work that stands side by side: what fails of it keeps nothing of the rest from being done.

/** Waits for all of it, and throws what failed first only then. */
export async function allDone(work: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
}
