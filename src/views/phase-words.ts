// The life of an exposure in words: its phases, the steps of opening and closing, and why it closed. One table by code,
// so that another language is another table.
import type { CloseReason, Exposure, Phase, Shortfall } from "../domain/exposure.ts";
import type { StepName } from "../domain/progress.ts";
import { onlyCame } from "./approval-words.ts";

export const PHASE_WORDS: Record<Phase, string> = {
  pending: "Waiting for approval",
  approved: "Approved, not open yet",
  opening: "Opening",
  open: "Open",
  closing: "Closing",
  closed: "Closed",
  denied: "Denied",
  withdrawn: "Withdrawn",
  lapsed: "Lapsed",
};

export const OPENING_STEPS: readonly StepName[] = [
  "application",
  "record",
  "gate-proved",
  "route",
  "connectors",
  "seen-open",
];

export const CLOSING_STEPS: readonly StepName[] = [
  "route-removed",
  "record-removed",
  "tokens-revoked",
  "application-removed",
  "seen-closed",
];

export const STEP_WORDS: Record<StepName, string> = {
  application: "Access application in force, read back and judged",
  record: "DNS record made",
  "gate-proved": "A stranger's visit stopped by Access, with no route yet",
  route: "Route added to the tunnel",
  connectors: "Every connector runs the new configuration",
  "seen-open": "A stranger's visit stopped by Access, with the route in place",
  "route-removed": "Route removed from the tunnel",
  "record-removed": "DNS record removed",
  "tokens-revoked": "Live log-ins revoked",
  "application-removed": "Access application removed",
  "seen-closed": "The service no longer answers at the hostname",
  "answered-elsewhere": "Something else answers at the hostname, and not through the tunnel",
};

/** `what` happened; `next` is what people can do about it, where there is something to do. */
type Ending = { what: string; next: string | null };

const ENDINGS: Record<CloseReason, Ending> = {
  ended: { what: "Its time was up.", next: null },
  requester: { what: "The requester closed it.", next: null },
  approver: { what: "An approver closed it.", next: null },
  admin: { what: "A Drawbridge admin closed it.", next: null },
  "cannot-open": {
    what: "It could not be opened, so everything that was made for it is taken away again.",
    next: "Mend what is named here, then ask again with /expose.",
  },
  hole: {
    what: "A stranger could have reached the service, so the route was taken away at once.",
    next: "Find out who changed Access or the tunnel before you ask again with /expose.",
  },
  drift: {
    what: "What stands at Cloudflare is no longer what was approved, and it could not be put right.",
    next: "Undo the change that was made by hand, then ask again with /expose.",
  },
  "store-restored": {
    what: "It had been approved and opened, and Drawbridge's store was restored to a time before that.",
    next: "Ask again with /expose if it is still needed.",
  },
  "all-gone": {
    what: "Everything that Drawbridge had made for it was gone at Cloudflare, so it was not made anew.",
    next: "Ask again with /expose if it is still needed.",
  },
  "service-gone": {
    what: "The Cloud Run service is gone, or takes requests no more.",
    next: "Once it is deployed again, ask again with /expose.",
  },
  "requester-gone": {
    what: "Whoever asked for it is not a full member of this workspace any more.",
    next: "Somebody else can ask for it with /expose.",
  },
  frozen: {
    what: "An admin closed everything with the emergency switch.",
    next: "Once openings are allowed again, ask again with /expose.",
  },
  "openings-frozen": {
    what: "Openings were frozen until its time was over, so it was never opened.",
    next: "Once openings are allowed again, ask again with /expose.",
  },
};

/** Nobody was there to open it, or it did not come up in time. */
const NEVER_OPENED: Ending = {
  what: "Its time was over before it could be opened.",
  next: "Ask again with /expose.",
};

/** Its time was up while a wish for more time waited. */
function undecidedWish(shortfall: Shortfall | undefined): string {
  const so = shortfall ? `${onlyCame(shortfall, "only")} before the end` : "no decision came in time";
  return `Its time was up. More time was asked for, and ${so}.`;
}

/** `fallback` is for an end that nobody wrote down. */
export function endingOf(exposure: Exposure, fallback: CloseReason = "ended"): Ending {
  const { closing, openedAt, unmetExtension } = exposure;
  const because = closing?.because ?? fallback;
  if (closing?.because === "ended" && openedAt === null) return NEVER_OPENED;
  const ending = ENDINGS[because];
  const isWished = because === "ended" && unmetExtension?.how === "ended";
  return isWished ? { ...ending, what: undecidedWish(unmetExtension.shortfall) } : ending;
}

/** An exposure that was never seen open has failed rather than closed. */
function hasFailed({ closing, openedAt }: Exposure): boolean {
  const failures: (CloseReason | undefined)[] = ["cannot-open", "openings-frozen", "ended"];
  return failures.includes(closing?.because) && openedAt === null;
}

/** What stands before the colon of the card's first line. */
export function phaseLabel(exposure: Exposure): string | null {
  if (exposure.phase === "pending") return null;
  if (hasFailed(exposure)) return "Could not open";
  if (exposure.phase === "opening" && exposure.openedAt) return "Opening again";
  return exposure.phase === "approved" ? "Approved" : PHASE_WORDS[exposure.phase];
}
