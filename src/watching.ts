// The watch over the tunnels, put together: signals read, judged and kept; incidents told.
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Exposure } from "./domain/exposure.ts";
import type { Policy } from "./domain/policy.ts";
import { transition } from "./domain/transition.ts";
import { type AlertTools, createAlert } from "./jobs/alert.ts";
import { createReadings } from "./jobs/readings.ts";
import { strangerReason } from "./jobs/reasons.ts";
import { tellOnce } from "./jobs/tell-once.ts";
import { createWatch } from "./jobs/watch.ts";
import type { Chores } from "./store/chores.ts";
import type { ExposureStore } from "./store/exposures.ts";
import type { IncidentStore } from "./store/incidents.ts";
import type { TunnelHealthStore } from "./store/tunnel-health.ts";
import type { Vendors } from "./vendors.ts";
import { visitTokenRefused } from "./views/token-notices.ts";

type Parts = Pick<AlertTools, "incidentMessages" | "audit" | "slack"> & {
  signals: Vendors["signals"];
  exposures: ExposureStore;
  incidents: IncidentStore;
  tunnelHealth: TunnelHealthStore;
  chores: Chores;
  policy: Policy;
  lookMs: number;
  now: () => Date;
  log: Logger;
};

/** Time for an edge that answered one visit strangely to be itself again, and no more than that for a stranger. */
const AGAIN_MS = 1_000;

/** The jobs `watch`, which takes no notice of its key, and `alert`, which takes an incident's id. */
export function createWatching(parts: Parts) {
  const { policy, exposures } = parts;
  const readings = createReadings({
    ...parts,
    againMs: AGAIN_MS,
    live: exposures.live,
    onStranger: (exposure, status) => closeHole(parts, exposure, status),
    onRefused: (hostname, at) => tellRefused(parts, hostname, at),
  });
  return {
    watch: createWatch({ ...parts, readings, live: exposures.live, newIncidentId }),
    alert: createAlert({
      ...parts,
      ...policy.health,
      live: exposures.live,
      channel: policy.channels.alerts,
      installation: policy.installation,
    }),
  };
}

/** A stranger got through: the route goes at once, and the card says why. */
async function closeHole({ exposures, now }: Parts, seen: Exposure, status: number): Promise<void> {
  const at = now();
  const act = { actor: "watch", action: "stranger got through", at, details: { status } };
  await exposures.advance(seen.id, act, (exposure) =>
    exposure.progress.aud === seen.progress.aud && exposure.phase === "open"
      ? transition(exposure, { kind: "end", because: "hole", detail: strangerReason(status), at })
      : null,
  );
}

/** Those visits see nothing any more, which nobody would miss: told once a day while it lasts. */
async function tellRefused(parts: Parts, hostname: string, at: Date): Promise<void> {
  const tools = { ...parts, channel: parts.policy.channels.alerts };
  const entry = { at, actor: "watch", action: "visit token refused", details: { hostname } };
  await tellOnce(
    tools,
    `visit token refused ${at.toISOString().slice(0, 10)}`,
    visitTokenRefused(hostname),
    entry,
  );
}

function newIncidentId(): string {
  return `i${randomBytes(10).toString("hex")}`;
}
