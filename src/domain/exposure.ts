// The exposure: one Cloud Run service made reachable at one hostname, for an audience, until an end.
import type { Audience } from "./audience.ts";
import { freshProgress, type Progress } from "./progress.ts";
import type { CloudRunService } from "./service.ts";

export type Phase =
  | "pending"
  | "approved"
  | "opening"
  | "open"
  | "closing"
  | "closed"
  | "denied"
  | "withdrawn"
  | "lapsed";

/** A person as the workspace knows them. Two accounts with one email are one person. */
export type Person = { slackId: string; email: string };

/** One decision of one person in one round. `minutes` is set when the person approved a shorter time. */
export type Vote = {
  round: number;
  person: Person;
  decision: "approve" | "deny";
  minutes: number | null;
  at: Date;
};

/** Whether two accounts are one person: the same account, or the same email under two accounts. */
export function samePerson(left: Person, right: Person): boolean {
  const sameEmail = left.email !== "" && left.email.toLowerCase() === right.email.toLowerCase();
  return left.slackId === right.slackId || sameEmail;
}

export function minutesAfter(date: Date, minutes: number): Date {
  return new Date(date.getTime() + minutes * 60_000);
}

export type MessageRef = { channel: string; ts: string };

export type CloseReason =
  | "ended"
  | "requester"
  | "approver"
  | "admin"
  | "cannot-open"
  | "hole"
  | "drift"
  | "store-restored"
  | "all-gone"
  | "service-gone"
  | "requester-gone"
  | "frozen"
  | "openings-frozen";

export type Closing = { because: CloseReason; by: string | null; detail: string | null; at: Date };

/** A wish to stay open longer that somebody has to approve. It is a round of its own. */
export type Extension = { minutes: number; by: Person; reason: string; requestedAt: Date; lapsesAt: Date };

/** Approvals that came, where it takes more of them. */
export type Shortfall = { came: number; needed: number };

/** What became of the last wish for more time that was not granted: whose it was, and who denied or withdrew it. `ended`:
 *  the exposure closed first. */
export type UnmetExtension = {
  how: "denied" | "withdrawn" | "lapsed" | "ended";
  asker: Person;
  by: Person | null;
  /** Where somebody had approved it when it lapsed, or ended. */
  shortfall?: Shortfall;
};

export type Notice = "1h" | "10m";

export type Exposure = {
  id: string;
  /** Counts every change. A card that shows an older one is drawn anew; a next look is planned for the one that was seen, or
   *  not at all. */
  version: number;
  phase: Phase;
  /** Votes count for one round; a changed plan starts a new one. */
  round: number;
  /** Of the exact plan shown on the card. A button that carries another is stale. */
  digest: string;
  /** As Cloud Run described it when the request was made. */
  service: CloudRunService;
  hostname: string;
  zone: string;
  tunnelId: string;
  audience: Audience;
  requester: Person;
  reason: string;
  /** How long it was asked for. `untilClosed`: no set time, reviewed (and ended) after these minutes; over once an approver
   *  gave a shorter one. */
  minutes: number;
  untilClosed: boolean;
  /** The shortest time that an approver agreed to; null before the decision. */
  approvedMinutes: number | null;
  approvalsNeeded: number;
  votes: Vote[];
  requestedAt: Date;
  lapsesAt: Date;
  remindAt: Date | null;
  decidedAt: Date | null;
  openedAt: Date | null;
  /** Provisional from the approval on, exact from the moment it was seen open. */
  endsAt: Date | null;
  /** The longest that it may live, as its marks at the vendors say: never before `endsAt`. */
  until: Date | null;
  closedAt: Date | null;
  closing: Closing | null;
  extension: Extension | null;
  unmetExtension: UnmetExtension | null;
  /** The round in which somebody last gave more time; null where nobody did. */
  lengthenedInRound: number | null;
  /** Minutes added so far without asking anybody. */
  extendedMinutes: number;
  noticed: Notice[];
  progress: Progress;
  card: MessageRef | null;
};

/** What a request brings. All else of an exposure begins empty. */
export type Requested = Pick<
  Exposure,
  | "id"
  | "service"
  | "hostname"
  | "zone"
  | "tunnelId"
  | "audience"
  | "requester"
  | "reason"
  | "minutes"
  | "untilClosed"
  | "approvalsNeeded"
  | "requestedAt"
  | "lapsesAt"
  | "remindAt"
>;

/** As it is when it was just asked for. The store adds the digest. */
export function newExposure(requested: Requested): Exposure {
  return {
    ...requested,
    version: 1,
    phase: "pending",
    round: 1,
    digest: "",
    approvedMinutes: null,
    votes: [],
    decidedAt: null,
    openedAt: null,
    endsAt: null,
    until: null,
    closedAt: null,
    closing: null,
    extension: null,
    unmetExtension: null,
    lengthenedInRound: null,
    extendedMinutes: 0,
    noticed: [],
    progress: freshProgress(),
    card: null,
  };
}

/** From the approval until the end: whoever may can close it. */
export const PHASES_CLOSABLE: readonly Phase[] = ["approved", "opening", "open"];
export const PHASES_ON_THE_ROAD: readonly Phase[] = [...PHASES_CLOSABLE, "closing"];
export const PHASES_LIVE: readonly Phase[] = ["pending", ...PHASES_ON_THE_ROAD];

export function isClosable({ phase }: { phase: Phase }): boolean {
  return PHASES_CLOSABLE.includes(phase);
}

/** Whether somebody is asked to decide: on the request, or on a wish to stay open longer. */
export function isAsking({ phase, extension }: Exposure): boolean {
  return phase === "pending" || (phase === "open" && extension !== null);
}

/** When what is asked for lapses if nobody answers. */
export function lapseOf({ lapsesAt, extension }: Exposure): Date {
  return extension?.lapsesAt ?? lapsesAt;
}

/** Whether a wish for more time lapses because the exposure ends. */
export function lapsesAtEnd({ extension, endsAt }: Exposure): boolean {
  return extension !== null && endsAt !== null && extension.lapsesAt >= endsAt;
}

export function isOver({ endsAt }: Exposure, at: Date): boolean {
  return endsAt !== null && endsAt <= at;
}

/** How long an opening is tried before it is given up and closed again. */
const MAX_OPENING_MS = 10 * 60_000;

export function tookTooLong({ phase, progress }: Exposure, now: Date): boolean {
  return (
    phase === "opening" &&
    progress.since !== null &&
    now.getTime() - progress.since.getTime() > MAX_OPENING_MS
  );
}

/** Whether something may still stand at the vendors for this exposure, or come to stand there. */
export function isLive(exposure: { phase: Phase }): boolean {
  return PHASES_LIVE.includes(exposure.phase);
}

/** How long a log-in at Access lasts: never longer than the exposure, a day at the most. */
export function sessionMinutes(minutes: number): number {
  return Math.max(1, Math.min(minutes, 24 * 60));
}
