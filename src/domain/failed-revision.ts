// A revision of the connectors' worker pool that does not come up, told where nothing else says why connections are missing.
import { MOST_LINES, redacted } from "./diagnosis/evidence.ts";
import { type Fault, isVague } from "./incident.ts";
import type { FailedRevision } from "./worker-pool.ts";

/** A cause that the log proves says more than that the revision failed; it is left alone. */
export function withFailedRevision(fault: Fault, failed: FailedRevision | null): Fault {
  if (!failed || !isVague(fault.cause)) return fault;
  const { name, reason, message, since } = failed;
  const why = [reason, message].filter(Boolean).join(": ") || "it gave no reason";
  const line = redacted(
    [since?.toISOString(), `Cloud Run: the revision ${name} is not ready.`, why].filter(Boolean).join(" "),
  );
  const remedy = `Cloud Run could not bring up ${name}, the newest revision of the worker pool${reason ? ` (${reason})` : ""}: mend what the evidence names and deploy again, or go back to the settings of the revision before it.`;
  return {
    ...fault,
    evidence: [line, ...fault.evidence].slice(0, MOST_LINES),
    remedy: `${remedy} ${fault.remedy}`,
  };
}
