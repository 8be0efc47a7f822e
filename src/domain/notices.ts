// Which messages a change of an exposure calls for, besides its card. Each has a key, so that it is sent once.
import { type Exposure, isAsking, type Notice, type Person, samePerson } from "./exposure.ts";
import { isPublic } from "./service.ts";

export type MessageKind =
  | "approved"
  | "denied"
  | "lapsed"
  | "reminder"
  | "replanned"
  | "open"
  | "could-not-open"
  | "repairing"
  | "ending"
  | "extended"
  | "extension-asked"
  | "extension-denied"
  | "extension-withdrawn"
  | "service-public"
  | "closed"
  | "cannot-close"
  | "closed-at-last";

/** Somebody else wrote the tunnel's configuration while we did. `overwritten`: their change is gone, and nobody can bring
 *  it back but they. */
export type Crossing = { baseVersion: number; foundVersion: number; overwritten: boolean };

/** `thread` is the card's thread in the approvals channel. */
export type Recipient = { to: "person"; slackId: string } | { to: "thread" } | { to: "alerts" };

export type Message = { key: string; kind: MessageKind; recipient: Recipient; notice: Notice | null };

/** Compares the exposure before and after one change. */
export function messagesFor(before: Exposure, after: Exposure): Message[] {
  const requester: Recipient = { to: "person", slackId: after.requester.slackId };
  const thread: Recipient = { to: "thread" };
  const became = (phase: Exposure["phase"]) => before.phase !== phase && after.phase === phase;
  const of = (kind: MessageKind, recipient: Recipient, tail = "", notice: Notice | null = null): Message => ({
    key: tail ? `${kind}-${tail}` : kind,
    kind,
    recipient,
    notice,
  });
  const fresh = after.noticed.filter((notice) => !before.noticed.includes(notice));
  const asked = !before.extension && after.extension;
  const longer = after.phase === "open" && before.phase === "open" && !sameEnd(before, after);
  return [
    ...(became("approved") ? [of("approved", requester)] : []),
    ...(became("denied") ? [of("denied", requester)] : []),
    ...(became("lapsed") ? [of("lapsed", requester)] : []),
    ...(before.remindAt && !after.remindAt && after.phase === "pending" ? [of("reminder", thread)] : []),
    ...(isReplanned(before, after) ? [of("replanned", thread, String(after.round))] : []),
    ...(became("open") ? [of("open", requester, before.openedAt ? String(after.version) : "")] : []),
    ...(before.phase === "open" && after.phase === "opening"
      ? [of("repairing", requester, String(after.version))]
      : []),
    ...fresh.map((notice) => of("ending", requester, `${notice}-${after.round}`, notice)),
    ...(longer ? toBoth(after, before.extension?.by, "extended", after.round) : []),
    ...(asked ? [of("extension-asked", thread, String(after.round))] : []),
    ...unmet(before, after),
    ...(after.phase === "open" && isPublic(after.service) && !isPublic(before.service)
      ? [of("service-public", thread, String(after.version))]
      : []),
    ...(became("closed") ? ofEnd(after) : []),
    ...(after.progress.stuck && !before.progress.stuck
      ? [of("cannot-close", { to: "alerts" }, String(after.version))]
      : []),
    ...(became("closed") && after.progress.stuck
      ? [of("closed-at-last", { to: "alerts" }, String(after.version))]
      : []),
  ];
}

/** The same is asked, in another round. */
function isReplanned(before: Exposure, after: Exposure): boolean {
  return isAsking(before) && isAsking(after) && after.round > before.round;
}

/** Where nobody answered a wish for more time by the end, whoever had it hears of the end too. */
function ofEnd(after: Exposure): Message[] {
  const unanswered = after.closing?.because === "ended" && after.unmetExtension?.how === "ended";
  const asker = unanswered ? after.unmetExtension?.asker : null;
  return toBoth(after, asker, after.openedAt ? "closed" : "could-not-open");
}

/** A wish for more time that was not granted, while the exposure stays open. */
function unmet(before: Exposure, after: Exposure): Message[] {
  if (!before.extension || after.extension || after.phase !== "open" || !after.unmetExtension) return [];
  const { how, by } = after.unmetExtension;
  const kind = how === "withdrawn" ? "extension-withdrawn" : "extension-denied";
  return toBoth(after, before.extension.by, kind, after.round, by);
}

/** To the requester and to whoever wished for more time: once where they are one, and not to who did it. */
function toBoth(
  { requester }: Exposure,
  asker: Person | null | undefined,
  kind: MessageKind,
  round: number | null = null,
  by: Person | null = null,
): Message[] {
  const both = asker && !samePerson(asker, requester) ? [requester, asker] : [requester];
  return both
    .filter((person) => !by || !samePerson(person, by))
    .map(({ slackId }) => ({
      key: [kind, round, slackId === requester.slackId ? null : slackId].filter(Boolean).join("-"),
      kind,
      recipient: { to: "person", slackId },
      notice: null,
    }));
}

function sameEnd(before: Exposure, after: Exposure): boolean {
  return before.endsAt?.getTime() === after.endsAt?.getTime();
}
