// An incident: one fault from its first sign to its end, of one tunnel or of several that failed together. One message in
// Slack tells of it.
import type { Cause, Diagnosis, EdgeCause, Severity } from "./diagnosis/facts.ts";
import { DIAGNOSIS_LIMITS, type DiagnosisLimits } from "./diagnosis/limits.ts";
import type { MessageRef } from "./exposure.ts";

/** Short-lived trouble, such as a rolling restart, raises nothing. */
export type HealthLimits = DiagnosisLimits & {
  /** Good again for this long. */
  recoveredMs: number;
};

export const DEFAULT_LIMITS: HealthLimits = { ...DIAGNOSIS_LIMITS, recoveredMs: 60_000 };

/** What a tunnel can have one incident of at a time: the way to Cloudflare's edge, whose faults all follow from one
 *  another; coping, where it works in spite of a fault; or a fault that stands for itself. */
export type Slot = "edge" | "coping" | Exclude<Cause, EdgeCause>;

/** What is wrong, without why. A cause that names the reason takes their place. */
const VAGUE: readonly Cause[] = ["outage", "degraded"];

export function isVague(cause: Cause): boolean {
  return VAGUE.includes(cause);
}

/** A fault that has stood for long enough to be told. With no services it concerns all of the tunnel's. */
export type Fault = Pick<
  Diagnosis,
  "cause" | "severity" | "connector" | "evidence" | "remedy" | "services"
> & {
  slot: Slot;
  since: Date;
  /** Nobody can get through. */
  down: boolean;
};

export type Affected = { exposureId: string; hostname: string; requesterId: string };

/** A tunnel's part in an incident. */
export type Member = {
  tunnelId: string;
  name: string;
  cause: Cause;
  since: Date;
  down: boolean;
  affected: Affected[];
  /** Since when it has been good again, while that is not yet long enough. */
  goodSince: Date | null;
  endedAt: Date | null;
};

/** What an incident tells of the fault that it began with, or of a later one that says more. */
type Told = Pick<Fault, "slot" | "cause" | "severity" | "connector" | "since" | "evidence" | "remedy">;

export type Incident = Told & {
  id: string;
  /** Counts what people can see change. */
  version: number;
  phase: "open" | "ended";
  openedAt: Date;
  endedAt: Date | null;
  members: Member[];
  /** How often it has come: 1, and one more for each time it came back shortly after its end. */
  rounds: number;
  /** Nobody could get through at some moment of this round. */
  wasDown: boolean;
  /** How often the cause was corrected. */
  causes: number;
  /** When that cause was named, or seen since, to about a minute. */
  causeAt: Date;
  /** Requesters who were told in this round that they cannot be reached, with what they could not reach. */
  told: { requesterId: string; tunnelIds: string[]; hostnames: string[] }[];
  acknowledged: { by: string; at: Date } | null;
  muted: { by: string; until: Date } | null;
  /** Where the people on call were named, once: in the message itself or, when it became serious later, in its thread. */
  onCall: "message" | "thread" | null;
  message: MessageRef | null;
};

/** Serious enough to call whoever is on call. */
export function isSerious(severity: Severity): boolean {
  return severity === "critical" || severity === "high";
}

export function standingMembers({ members }: Incident): Member[] {
  return members.filter((member) => member.endedAt === null);
}

export function isDown(incident: Incident): boolean {
  return standingMembers(incident).some((member) => member.down);
}

export function isMuted({ muted }: Incident, now: Date): boolean {
  return muted !== null && muted.until > now;
}

/** Of the tunnels that are not good again yet; of all once it has ended. Each exposure once. */
export function affectedBy(incident: Incident): Affected[] {
  const members = incident.phase === "open" ? standingMembers(incident) : incident.members;
  const all = members.flatMap((member) => member.affected);
  return [...new Map(all.map((each) => [each.exposureId, each])).values()];
}
