// What a pass takes up: it ends what is past its end, begins what was approved, unless openings are frozen or the policy has
// changed since, and answers what is due now.
import { reasonAtEnd } from "../domain/due.ts";
import { type Exposure, isOver } from "../domain/exposure.ts";
import type { Refusal } from "../domain/refusal.ts";
import { hadNoRoute } from "../domain/target.ts";
import type { ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import { FROZEN_MS } from "./back-off.ts";
import { move, noteProgress, scheduleIn } from "./noting.ts";
import { forbiddenReason } from "./reasons.ts";

export type TakingTools = {
  exposures: ExposureStore;
  guards: Guards;
  /** Why the policy of today would not have what was approved opened. */
  whyForbidden: (exposure: Exposure) => Refusal | null;
  now: () => Date;
};

/** Whether a pass opens anything: not before somebody knows the Access team's name, and never where Cloud Run cannot be asked. */
export type MayOpen = "yes" | "not-yet" | "never";

export async function takeDue(tools: TakingTools, tunnelId: string, may: MayOpen): Promise<Exposure[]> {
  const now = tools.now();
  const mayOpen = may === "yes";
  const frozen = await tools.guards.isOn("openings-frozen");
  const isPast = (exposure: Exposure) => isOver(exposure, now);
  for (const exposure of await tools.exposures.onTunnel(tunnelId)) {
    if (isPast(exposure) && exposure.phase !== "closing") {
      const because = reasonAtEnd(exposure, frozen);
      const event = { kind: "end", because, detail: null, at: now } as const;
      await move(tools, exposure.id, "end", event, isPast);
    } else if (mayOpen && hadNoRoute(exposure)) {
      await goOn(tools, exposure, { frozen, now });
    } else if (may === "not-yet" && hadNoRoute(exposure)) {
      await noteProgress(tools, exposure.id, { waiting: TEAM_UNKNOWN });
    }
  }
  const schedules = new Map(
    (await tools.exposures.schedulesOf(tunnelId)).map((each) => [each.id, each.next]),
  );
  const due = (await tools.exposures.onTunnel(tunnelId)).flatMap((exposure) => {
    const next = schedules.get(exposure.id);
    const mine = exposure.phase === "closing" || mayOpen;
    return mine && exposure.phase !== "approved" && next && next <= now ? [{ exposure, next }] : [];
  });
  return await Promise.all(due.map(({ exposure, next }) => leaveOutAbsence(tools, exposure, next)));
}

/** A bot that is there looks at what is due within seconds. */
const AWAY_MS = 60_000;

/** A bot that was away gives nothing up for what it could not do meanwhile, and goes by no proof of before: an opening that comes
 *  to its turn this late has so much longer. `dueAt` is when it should have. */
async function leaveOutAbsence(tools: TakingTools, exposure: Exposure, dueAt: Date): Promise<Exposure> {
  const { since, waiting } = exposure.progress;
  const now = tools.now();
  const lateMs = now.getTime() - dueAt.getTime();
  if (exposure.phase !== "opening" || since === null || lateMs < AWAY_MS) return exposure;
  const change = { since: new Date(Math.min(since.getTime() + lateMs, now.getTime())), gateProofs: 0 };
  const noted = await noteProgress(tools, exposure.id, { change, waiting });
  if (!noted) return exposure;
  // Due now and not then, so that another pass does not count the same time once more.
  await scheduleIn(tools, noted, 0, await tools.exposures.attemptsOf(exposure.id));
  return noted;
}

async function goOn(
  tools: TakingTools,
  exposure: Exposure,
  { frozen, now: at }: { frozen: boolean; now: Date },
): Promise<void> {
  const refusal = tools.whyForbidden(exposure);
  if (refusal) {
    const detail = forbiddenReason(refusal);
    await move(tools, exposure.id, "end", { kind: "end", because: "cannot-open", detail, at }, hadNoRoute);
  } else if (frozen) {
    await hold(tools, exposure, at);
  } else if (exposure.phase === "approved") {
    await move(tools, exposure.id, "begin", { kind: "begin", at });
  }
}

/** Nothing is given up for the time in which it was held, and what was proved before it proves nothing after it. */
async function hold(tools: TakingTools, { id, progress }: Exposure, now: Date): Promise<void> {
  const held = progress.since && now.getTime() - progress.since.getTime() > HELD_NOTED_MS;
  const noted = await noteProgress(tools, id, {
    change: { gateProofs: 0, ...(held ? { since: now } : {}) },
    waiting: FROZEN,
  });
  if (noted) await scheduleIn(tools, noted, FROZEN_MS, 0);
}

/** Each note draws the card anew. */
const HELD_NOTED_MS = 60_000;

const TEAM_UNKNOWN =
  "Cloudflare has not yet told the name of the Access team. It opens by itself once that is known.";

const FROZEN = "New openings are frozen. It opens when an admin lifts that.";
