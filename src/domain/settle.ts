// What the bot itself sees happen to an exposure: begun, seen open, drifted, ended, seen closed.
import { shortfallOf } from "./approvals.ts";
import {
  type CloseReason,
  type Closing,
  type Exposure,
  type Extension,
  isClosable,
  minutesAfter,
  type Notice,
  PHASES_ON_THE_ROAD,
  type UnmetExtension,
} from "./exposure.ts";
import type { Progress, StepName } from "./progress.ts";
import { refuse, type Verdict } from "./refusal.ts";
import type { CloudRunService } from "./service.ts";

export type SettleEvent =
  | { kind: "begin"; at: Date }
  | { kind: "opened"; at: Date }
  | { kind: "reopen"; waiting: string; at: Date }
  | { kind: "drifted"; steps: StepName[] }
  | { kind: "end"; because: CloseReason; detail: string | null; at: Date }
  | { kind: "closed"; at: Date }
  | { kind: "leftover"; at: Date }
  | { kind: "stuck" }
  | { kind: "service-seen"; service: CloudRunService }
  | { kind: "noticed"; notice: Notice };

export function settle(exposure: Exposure, event: SettleEvent): Verdict<Exposure> {
  switch (event.kind) {
    case "begin":
      return begin(exposure, event.at);
    case "opened":
      return opened(exposure, event.at);
    case "reopen":
      return reopen(exposure, event);
    case "drifted":
      return drifted(exposure, event.steps);
    case "end":
      return end(exposure, { ...event, by: null });
    case "closed":
      return exposure.phase === "closing"
        ? ok({
            ...exposure,
            phase: "closed",
            closedAt: event.at,
            progress: gone(exposure.progress),
          })
        : alreadyDecided(exposure);
    case "leftover":
      return leftover(exposure, event.at);
    case "stuck":
      return exposure.phase === "closing" && !exposure.progress.stuck
        ? ok({ ...exposure, progress: { ...exposure.progress, stuck: true } })
        : alreadyDecided(exposure);
    case "service-seen":
      return exposure.phase === "open"
        ? ok({ ...exposure, service: event.service })
        : alreadyDecided(exposure);
    case "noticed":
      return ok({ ...exposure, noticed: [...new Set([...exposure.noticed, event.notice])] });
  }
}

/** A route that was not found was taken out by somebody else. One that is found from now on is ours by its lock alone. */
function gone(progress: Progress): Progress {
  return { ...progress, routedVersion: null, waiting: null };
}

function opened(exposure: Exposure, at: Date): Verdict<Exposure> {
  if (exposure.phase !== "opening") return alreadyDecided(exposure);
  const progress = { ...exposure.progress, waiting: null };
  // After a repair the clock does not start anew.
  if (exposure.openedAt) return ok({ ...exposure, phase: "open", progress });
  const endsAt = minutesAfter(at, exposure.approvedMinutes ?? 0);
  const until = exposure.until && exposure.until > endsAt ? exposure.until : endsAt;
  return ok({ ...exposure, phase: "open", progress, openedAt: at, endsAt, until });
}

function begin(exposure: Exposure, at: Date): Verdict<Exposure> {
  if (exposure.phase !== "approved") return alreadyDecided(exposure);
  return ok({ ...exposure, phase: "opening", progress: { ...exposure.progress, since: at } });
}

/** The gate holds and the route is right: it is put right while it stays open. */
function drifted(exposure: Exposure, steps: StepName[]): Verdict<Exposure> {
  if (exposure.phase !== "open") return alreadyDecided(exposure);
  const { progress } = exposure;
  return ok({
    ...exposure,
    progress: { ...progress, drifted: [...new Set([...progress.drifted, ...steps])] },
  });
}

/** A hole or a drift of ours: the route goes first, and the whole way is gone again. */
function reopen(exposure: Exposure, { waiting, at }: { waiting: string; at: Date }): Verdict<Exposure> {
  if (exposure.phase !== "open") return alreadyDecided(exposure);
  const progress = { ...onTheWay(exposure.progress), gateProofs: 0, since: at, waiting };
  return ok({ ...exposure, phase: "opening", progress });
}

/** Something of an exposure that is not on the road stands at Cloudflare: it is taken down. One that was never decided on,
 *  for all that the store knows, was approved and opened after the backup that the store was restored to. */
function leftover(exposure: Exposure, at: Date): Verdict<Exposure> {
  if (PHASES_ON_THE_ROAD.includes(exposure.phase)) return alreadyDecided(exposure);
  const closing = exposure.closing ?? { because: "store-restored" as const, by: null, detail: null };
  return ok({
    ...exposure,
    phase: "closing",
    closing: { ...closing, at },
    progress: { ...onTheWay(exposure.progress), stuck: false },
  });
}

export function end(exposure: Exposure, { because, by, detail, at }: Closing): Verdict<Exposure> {
  if (!isClosable(exposure)) return alreadyDecided(exposure);
  const progress = { ...onTheWay(exposure.progress), stuck: false };
  return ok({
    ...exposure,
    phase: "closing",
    closing: { because, by, detail, at },
    extension: null,
    unmetExtension: exposure.extension
      ? undecided(exposure, exposure.extension, "ended")
      : exposure.unmetExtension,
    progress,
  });
}

/** Nothing of it is done yet. */
function onTheWay(progress: Progress): Progress {
  return { ...progress, steps: [], drifted: [], waiting: null };
}

/** A wish for more time that time has run out for. */
export function undecided(exposure: Exposure, { by }: Extension, how: "lapsed" | "ended"): UnmetExtension {
  const shortfall = shortfallOf(exposure);
  return { how, asker: by, by: null, ...(shortfall && { shortfall }) };
}

export function alreadyDecided(exposure: Exposure): Verdict<Exposure> {
  return refuse({ because: "already-decided", phase: exposure.phase });
}

function ok(value: Exposure): Verdict<Exposure> {
  return { ok: true, value };
}
