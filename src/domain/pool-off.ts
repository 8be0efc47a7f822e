// A worker pool that is set to run nothing, told where nothing else says why connections are missing.
import { MOST_LINES } from "./diagnosis/evidence.ts";
import { type Fault, isVague } from "./incident.ts";

/** A new revision, which the advice is else, runs no instance either. */
export function withPoolOff(fault: Fault, poolOff: boolean): Fault {
  if (!poolOff || !isVague(fault.cause)) return fault;
  const remedy =
    "The worker pool is set to run no instance, and a new revision would run none either: set its manual instance count (scaling.manualInstanceCount) to 2. If it is meant to be off, mute this. Where it stays down with instances:";
  return {
    ...fault,
    evidence: ["Cloud Run: the worker pool runs 0 instances.", ...fault.evidence].slice(0, MOST_LINES),
    remedy: `${remedy} ${fault.remedy}`,
  };
}
