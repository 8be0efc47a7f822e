// An answer in which nothing is there: what a vendor says when its index is behind, or its filter went wrong.

const COUNTS = ["count", "total_count", "total_pages"];

/** The same answer with every list empty and every count 0, at any depth. */
export function withoutItems(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, COUNTS.includes(key) ? 0 : withoutItems(each)]),
  );
}
