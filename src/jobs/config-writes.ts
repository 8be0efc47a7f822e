// A pass's right to write a tunnel's configuration, and the note in the store that outlives it: a write that is under way
// when its process dies may still be carried out, and whoever follows has to know.

import { hadNoRoute, targetOf } from "../domain/target.ts";
import type { Pass } from "../services/edge-pass.ts";
import type { CrossedWrite } from "../services/tunnel.ts";
import type { ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import { LATE_WRITE_MS } from "./back-off.ts";
import { act } from "./noting.ts";

export type ConfigWriteTools = {
  exposures: Pick<ExposureStore, "onTunnel" | "tellCrossed">;
  guards: Guards;
  now: () => Date;
};

/** Read when the fence was just raised: no write before it can begin any more. */
export async function startConfigWrites(
  tools: ConfigWriteTools,
  tunnelId: string,
  fence: string,
): Promise<Pass["writes"]> {
  const found = await tools.guards.writeUntil(tunnelId);
  const lateUntil = found && found > tools.now() ? found : null;
  let unanswered = lateUntil;
  let earlier = lateUntil;
  return {
    lateUntil,
    begin: async (opening) => {
      if (await isOneUnwanted(tools, tunnelId, opening)) return "unwanted-meanwhile";
      const until = new Date(tools.now().getTime() + LATE_WRITE_MS);
      if (!(await tools.guards.beginWrite(tunnelId, fence, until))) return "overtaken";
      earlier = unanswered;
      unanswered = until;
      return null;
    },
    answered: async () => {
      unanswered = earlier;
      await tools.guards.endWrite(tunnelId, fence, unanswered);
    },
    crossed: (write) => tellCrossed(tools, tunnelId, write),
  };
}

/** Both documents go into the audit, so that nobody has to remember what stood there. */
async function tellCrossed(
  tools: ConfigWriteTools,
  tunnelId: string,
  { base, found, overwritten }: CrossedWrite,
): Promise<void> {
  const [exposure] = await tools.exposures.onTunnel(tunnelId);
  if (!exposure) return;
  const crossing = { baseVersion: base.version, foundVersion: found.version, overwritten };
  const noted = act(tools, "crossed write", { tunnelId, base: base.raw, found: found.raw });
  await tools.exposures.tellCrossed(exposure.id, crossing, noted);
}

/** What a person closed a moment ago, or an admin froze, gets no route. */
async function isOneUnwanted(tools: ConfigWriteTools, tunnelId: string, opening: string[]): Promise<boolean> {
  if (opening.length === 0) return false;
  const frozen = await tools.guards.isOn("openings-frozen");
  const current = await tools.exposures.onTunnel(tunnelId);
  const wanted = current.filter((each) => targetOf(each).want === "open" && !(frozen && hadNoRoute(each)));
  return opening.some((id) => !wanted.some((each) => each.id === id));
}
