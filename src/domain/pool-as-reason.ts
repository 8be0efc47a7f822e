// What the connectors' worker pool has to do with missing connections, told where nothing else says why.
import { MOST_LINES, redacted } from "./diagnosis/evidence.ts";
import { type Fault, isVague } from "./incident.ts";
import type { FailedRevision } from "./worker-pool.ts";

/** A revision that does not come up. */
export function withFailedRevision(fault: Fault, failed: FailedRevision | null): Fault {
  if (!failed) return fault;
  const { name, reason, message, since } = failed;
  const why = [reason, message].filter(Boolean).join(": ") || "it gave no reason";
  const line = redacted(
    [since?.toISOString(), `Cloud Run: the revision ${name} is not ready.`, why].filter(Boolean).join(" "),
  );
  const remedy = `Cloud Run could not bring up ${name}, the newest revision of the worker pool${reason ? ` (${reason})` : ""}: mend what the evidence names and deploy again, or go back to the settings of the revision before it.`;
  return asReason(fault, line, remedy);
}

/** Set to run nothing: a new revision, which the advice is else, runs no instance either. */
export function withPoolOff(fault: Fault, poolOff: boolean): Fault {
  if (!poolOff) return fault;
  const remedy =
    "The worker pool is set to run no instance, and a new revision would run none either: set its manual instance count (scaling.manualInstanceCount) to 2. If it is meant to be off, mute this. Where it stays down with instances:";
  return asReason(fault, "Cloud Run: the worker pool runs 0 instances.", remedy);
}

/** A cause that the log proves says more than this; it is left alone. */
function asReason(fault: Fault, line: string, remedy: string): Fault {
  if (!isVague(fault.cause)) return fault;
  const evidence = [line, ...fault.evidence].slice(0, MOST_LINES);
  return { ...fault, evidence, remedy: `${remedy} ${fault.remedy}` };
}
