// A store that cannot be used, told to whoever can mend it.

export class StoreUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StoreUnusable";
  }
}

export function messageOf(error: unknown): string {
  // A host with several addresses, such as localhost, fails with one error for each and no text of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
