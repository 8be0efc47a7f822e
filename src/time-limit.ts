// Answers that are awaited for so long and no longer.

/** What `work` gives. Where that takes longer, `late` gives something in its place, or throws; nobody hears of the work's
 *  own end then. */
export async function inTime<T>(work: Promise<T>, limitMs: number, late: () => T): Promise<T> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, limitMs);
  try {
    return await Promise.race([work, over.promise.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
