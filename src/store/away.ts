// Tells a store that does not answer just now from a fault of our own: the former comes back by itself.

/** The server goes down, comes up, runs short of something, or ended what took too long.
 *  https://www.postgresql.org/docs/current/errcodes-appendix.html */
const STATES = /^(?:08(?!P01)...|25P03|40001|40P01|53...|57014|57P0[1235])$/;

/** The way to it. */
const SYSTEM_CODES = [
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
];

/** What pg 8 and its pool say themselves carries no code. */
const WORDS = [
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "Connection terminated",
  "Connection terminated due to connection timeout",
  "Connection terminated unexpectedly",
  "Query read timeout",
  "There was an error establishing an SSL connection",
  "timeout exceeded when trying to connect",
  "timeout expired",
];

/** Whether the store may answer the same question a moment later. The embedded one is never away. */
export function isAway(error: unknown): boolean {
  // A host with several addresses fails with one error for each.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isAway);
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return WORDS.includes(error.message);
  return STATES.test(code) || SYSTEM_CODES.includes(code) || syscall === "connect";
}
