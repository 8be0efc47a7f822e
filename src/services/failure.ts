// The one fault that services throw. Its kind says what a caller may do about it; its message is written for people and
// holds neither a vendor's whole answer nor a token. What the vendor really said stays in `cause`.
import { createRedactor } from "../redaction.ts";

// People read the message and the audit keeps it; some vendors repeat in their answer what they were sent.
const clean = createRedactor([]);

/** `retry`: may pass by itself. `denied`: someone must grant a right or mend a token. `missing`: the thing is not there.
 *  `conflict`: it changed underneath, or exists otherwise than wanted: read again before writing. */
export type FailureKind = "retry" | "denied" | "missing" | "conflict";

export type FailureVendor = "slack" | "cloudflare" | "google" | "edge" | "clock";

export type FailureDetails = {
  kind: FailureKind;
  vendor: FailureVendor;
  /** The vendor's name for what was tried: `run.ListServices`, `chat.update`. */
  operation: string;
  message: string;
  /** HTTP status, where there was an answer over HTTP. */
  status?: number;
  /** The vendor's own code: a gRPC code, a Cloudflare error number, a Slack error string. */
  code?: number | string;
  /** How long the vendor asked to wait. */
  retryAfterMs?: number;
  cause?: unknown;
};

export class ServiceFailure extends Error {
  readonly kind: FailureKind;
  readonly vendor: FailureVendor;
  readonly operation: string;
  readonly status: number | undefined;
  readonly code: number | string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(details: FailureDetails) {
    super(clean(details.message), { cause: details.cause });
    this.name = "ServiceFailure";
    this.kind = details.kind;
    this.vendor = details.vendor;
    this.operation = details.operation;
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export function isServiceFailure(value: unknown): value is ServiceFailure {
  return value instanceof ServiceFailure;
}

/** Null for what a vendor does not give just now, where one can do without it. */
export async function orNothing<T>(pending: Promise<T>): Promise<T | null> {
  try {
    return await pending;
  } catch (error) {
    if (isServiceFailure(error)) return null;
    throw error;
  }
}

/** Null for what is not there. */
export async function orMissing<T>(pending: Promise<T>): Promise<T | null> {
  try {
    return await pending;
  } catch (error) {
    if (isServiceFailure(error) && error.kind === "missing") return null;
    throw error;
  }
}
