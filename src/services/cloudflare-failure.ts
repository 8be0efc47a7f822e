// Turns what the Cloudflare SDK throws into our one fault, by status and error code; never by message text.
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "cloudflare";
import { type FailureKind, isServiceFailure, ServiceFailure } from "./failure.ts";
import { isRecord } from "./json.ts";

/** Longer waits than this are the queue's business, and 429 may ask for five minutes. */
const LONGEST_WAIT_MS = 60_000;

// Numbers seen in Cloudflare's answers: scope of the token; an application, a record or a tunnel's name that exists.
const DENIED_CODES: readonly number[] = [10000, 9109];
/** https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/ */
export const RECORD_TAKEN_CODES: readonly unknown[] = [81053, 81054, 81057, 81058];
const CONFLICT_CODES: readonly unknown[] = [11010, ...RECORD_TAKEN_CODES, 1013];
const MISSING_CODES: readonly number[] = [11021, 81044];

export function toServiceFailure(operation: string, error: unknown): ServiceFailure {
  if (isServiceFailure(error)) return error;
  if (error instanceof APIError && error.status !== undefined)
    return answered(operation, error, error.status);
  const timedOut = error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError;
  if (timedOut || isAbort(error)) {
    return fault(operation, "timeout", "Cloudflare did not answer in time.", error);
  }
  if (error instanceof APIConnectionError || error instanceof TypeError) {
    return fault(operation, "connection", "Cloudflare could not be reached.", error);
  }
  return nonsense(operation, error);
}

/** An answer that says nothing, or something else than it must. Whether a write took effect stays open. */
export function nonsense(operation: string, cause?: unknown): ServiceFailure {
  return fault(operation, "nonsense", "Cloudflare's answer made no sense.", cause);
}

/** Said without asking: a 429 a moment ago still holds. */
export function slowDown(operation: string, retryAfterMs: number): ServiceFailure {
  const message = "Cloudflare asks us to slow down.";
  return new ServiceFailure({
    kind: "retry",
    vendor: "cloudflare",
    operation,
    message,
    status: 429,
    retryAfterMs,
  });
}

/** Whether a write may have taken effect all the same: the answer was lost, spoilt, or spoke of trouble inside. */
export function mayHaveHappened(error: unknown): boolean {
  return isServiceFailure(error) && error.kind === "retry" && error.status !== 429;
}

/** Whether a write may still be carried out: nobody answered, or somebody in between who gave up waiting, as with a 408, a
 *  502, a 504 or a 524. https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
export function mayStillHappen(error: unknown): boolean {
  return mayHaveHappened(error) && !isRefusedInside(error);
}

/** A gateway answers 500 and 503 too, with a page or with nothing; the API itself does so in its envelope. */
function isRefusedInside(error: unknown): boolean {
  if (!isServiceFailure(error) || !(error.cause instanceof APIError)) return false;
  const told = isRecord(error.cause.error) && error.cause.error.success === false;
  return told && (error.status === 500 || error.status === 503);
}

export function conflict(operation: string, code: string, message: string): ServiceFailure {
  return new ServiceFailure({ kind: "conflict", vendor: "cloudflare", operation, code, message });
}

/** A number of seconds, or a date. */
function retryAfterMsOf(headers: Headers | undefined): number | undefined {
  const value = headers?.get("retry-after");
  if (!value) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}

function answered(operation: string, error: APIError, status: number): ServiceFailure {
  const code = codeOf(error);
  const kind = kindOf(status, code);
  return new ServiceFailure({
    kind,
    vendor: "cloudflare",
    operation,
    message: messageOf(kind, status, code, operation),
    status,
    code,
    retryAfterMs: kind === "retry" ? retryAfterMsOf(error.headers) : undefined,
    cause: error,
  });
}

function kindOf(status: number, code: number | undefined): FailureKind {
  if (status === 429 || status === 408 || status >= 500) return "retry";
  if (code !== undefined && DENIED_CODES.includes(code)) return "denied";
  if (status === 401 || status === 403) return "denied";
  if (status === 404 || (code !== undefined && MISSING_CODES.includes(code))) return "missing";
  return "conflict";
}

function messageOf(kind: FailureKind, status: number, code: number | undefined, operation: string): string {
  const told = code === undefined ? `${status}` : `${status}, code ${code}`;
  if (status === 429) return "Cloudflare asks us to slow down.";
  if (kind === "retry") return `Cloudflare has trouble of its own (${told}).`;
  if (kind === "denied")
    return `Cloudflare refused our API token for ${operation} (${told}).${rightFor(operation)}`;
  if (kind === "missing") return `Cloudflare does not know what ${operation} asked for (${told}).`;
  const exists = status === 409 || (code !== undefined && CONFLICT_CODES.includes(code));
  return exists
    ? `Cloudflare says that something else already stands there (${told}).`
    : `Cloudflare did not accept ${operation} (${told}).`;
}

// https://developers.cloudflare.com/fundamentals/api/reference/permissions/
const RIGHTS: [operations: string, right: string][] = [
  ["access.apps", "Access: Apps and Policies Edit"],
  ["access.tags", "Access: Apps and Policies Edit"],
  ["access.logs", "Access: Audit Logs Read"],
  ["access.", "Access: Organizations, Identity Providers, and Groups Read"],
  ["cfd_tunnel", "Cloudflare Tunnel Edit"],
  ["dns.", "DNS Edit on the zone"],
  ["zones.", "Zone Read on the zone"],
];

function rightFor(operation: string): string {
  const right = RIGHTS.find(([operations]) => operation.startsWith(operations))?.[1];
  return right ? ` Give the token the permission "${right}", or a new token if this one has ended.` : "";
}

function codeOf(error: APIError): number | undefined {
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : undefined;
  const code = typeof first === "object" && first !== null && "code" in first ? first.code : undefined;
  return typeof code === "number" ? code : undefined;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function fault(operation: string, code: string, message: string, cause: unknown): ServiceFailure {
  return new ServiceFailure({ kind: "retry", vendor: "cloudflare", operation, code, message, cause });
}
