// Whether a message that is sent late still says what is so: it is drawn from what is stored by then, and what it was called
// for may be over. What tells of an end, or of what somebody did, stays true.
import { nearestNotice } from "./due.ts";
import { type Exposure, isAsking, isClosable, isOver, lapseOf, type Notice } from "./exposure.ts";
import type { MessageKind } from "./notices.ts";

/** `calledAt`: when the change came about that called for it. */
type Late = { notice: Notice | null; calledAt: Date; now: Date };

const STILL_TRUE: Record<MessageKind, (exposure: Exposure, late: Late) => boolean> = {
  approved: stays,
  denied: always,
  lapsed: always,
  reminder: ({ phase, lapsesAt }, { now }) => phase === "pending" && now < lapsesAt,
  replanned: (exposure, { now }) => isAsking(exposure) && now < lapseOf(exposure),
  open: (exposure, late) => exposure.phase === "open" && stays(exposure, late),
  "could-not-open": always,
  repairing: stays,
  ending: isNear,
  extended: stays,
  "extension-asked": ({ extension }, { now }) => extension !== null && now < extension.lapsesAt,
  "extension-denied": isUnmet,
  "extension-withdrawn": isUnmet,
  // The service's own address: it says nothing of the exposure.
  "service-public": always,
  closed: always,
  "cannot-close": ({ phase, progress }) => phase === "closing" && progress.stuck,
  "closed-at-last": always,
};

export function isStillTrue(kind: MessageKind, exposure: Exposure, late: Late): boolean {
  return STILL_TRUE[kind](exposure, late);
}

function always(): boolean {
  return true;
}

/** On its way to being open, or open, until its end. */
function stays(exposure: Exposure, { now }: Late): boolean {
  return isClosable(exposure) && !isOver(exposure, now);
}

/** As near to its end as the notice says, both then and now; and told of this end, which may have been put off since. */
function isNear(exposure: Exposure, { notice, calledAt, now }: Late): boolean {
  if (notice === null || !exposure.noticed.includes(notice)) return false;
  return [calledAt, now].every((at) => nearestNotice(exposure, at) === notice);
}

/** Until more time was given after all. */
function isUnmet({ unmetExtension }: Exposure): boolean {
  return unmetExtension !== null;
}
