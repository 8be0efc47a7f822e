// What became of Cloud Run services since they were approved: looked at again before a route is put in, and while it is open
// at each sweep. A list only raises a suspicion; what is told of a service is always its own description.
import type { Exposure } from "../domain/exposure.ts";
import {
  type CloudRunService,
  changeOf,
  looksSame,
  type ServiceChange,
  serviceKey,
} from "../domain/service.ts";
import { transition } from "../domain/transition.ts";
import type { CloudRun } from "../services/cloud-run.ts";
import { isServiceFailure, orMissing } from "../services/failure.ts";
import type { ExposureStore } from "../store/exposures.ts";
import { allDone } from "./all-done.ts";
import { serviceReason } from "./reasons.ts";

/** What became of the service of an exposure that is about to be opened; or the fault of the look-up. */
export type Looked =
  | { exposure: Exposure; change: ServiceChange | null }
  | { exposure: Exposure; error: unknown };

export async function lookAtServices(
  describe: CloudRun["describe"] | null,
  due: Exposure[],
): Promise<Looked[]> {
  return await Promise.all(
    due.map(async (exposure): Promise<Looked> => {
      if (exposure.phase !== "opening" || !describe) return { exposure, change: null };
      try {
        const change = changeOf(exposure.service, await orMissing(describe(exposure.service)));
        // While it was open, people were told of that already, and it is no reason to keep them out.
        return { exposure, change: change === "public" && exposure.openedAt ? null : change };
      } catch (error) {
        // What was open before is not closed because Google could not be asked.
        return exposure.openedAt && isServiceFailure(error)
          ? { exposure, change: null }
          : { exposure, error };
      }
    }),
  );
}

type Tools = { exposures: ExposureStore; cloudRun: CloudRun; now: () => Date };

/** Closes what leads to a service that is gone, and lets the card tell of one that became public. A place that cannot be
 *  listed, or a service that cannot be described, keeps nothing from the others. */
export async function sweepServices(tools: Tools): Promise<void> {
  const open = (await tools.exposures.live()).filter(({ phase }) => phase === "open");
  const places = Map.groupBy(open, ({ service }) => `${service.project}/${service.region}`);
  await allDone([...places.values()].map((each) => sweepPlace(tools, each)));
}

async function sweepPlace(tools: Tools, open: Exposure[]): Promise<void> {
  const [first] = open;
  if (!first) return;
  const found = await tools.cloudRun.listServicesIn(first.service);
  const listed = new Map(found.map((each) => [serviceKey(each), each]));
  const suspects = open.filter(({ service }) => isSuspect(service, listed.get(serviceKey(service))));
  const asked = Map.groupBy(suspects, ({ service }) => serviceKey(service));
  await allDone([...asked.values()].map((each) => sweepService(tools, each)));
}

async function sweepService(tools: Tools, open: Exposure[]): Promise<void> {
  const [first] = open;
  if (!first) return;
  const now = await orMissing(tools.cloudRun.describe(first.service));
  for (const exposure of open) await settleOne(tools, exposure, now);
}

/** Who may invoke a service stands in no list; it matters where the internet reaches it. */
function isSuspect(known: CloudRunService, listed: CloudRunService | undefined): boolean {
  return !listed || listed.ingress === "all" || !looksSame(known, listed);
}

async function settleOne(tools: Tools, exposure: Exposure, now: CloudRunService | null): Promise<void> {
  const at = tools.now();
  const change = changeOf(exposure.service, now);
  if (change && change !== "public") {
    const act = { actor: "sweep", action: "service gone", at, details: { change } };
    const event = { kind: "end", because: "service-gone", detail: serviceReason(change), at } as const;
    await tools.exposures.advance(exposure.id, act, (current) => transition(current, event));
  } else if (now && (!looksSame(now, exposure.service) || now.invoker !== exposure.service.invoker)) {
    const act = { actor: "sweep", action: "service changed", at, details: { change } };
    const event = { kind: "service-seen", service: now } as const;
    await tools.exposures.advance(exposure.id, act, (current) => transition(current, event));
  }
}
