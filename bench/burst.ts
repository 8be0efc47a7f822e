// Figure: many approvals within one second on one tunnel, whose routes are one shared document.
import { setTimeout as pause } from "node:timers/promises";
import { watchCalls } from "./calls.ts";
import { addPending } from "./exposures.ts";
import type { Figure } from "./figure.ts";
import { mostMemory } from "./machine.ts";
import { approve } from "./opening.ts";
import { onStage, type Stage, until } from "./stage.ts";

const SECOND_MS = 1000;

export function burst(count: number): Figure {
  return {
    name: "burst",
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        const cards = await addPending(stage, count, "grafana");
        await stage.startBot();
        const calls = watchCalls(stage.sandbox);
        const began = performance.now();
        const clicks: Promise<void>[] = [];
        for (const card of cards) {
          clicks.push(approve(stage, card));
          await pause(Math.max(0, (clicks.length * SECOND_MS) / count - (performance.now() - began)));
        }
        await Promise.all(clicks);
        const acked = performance.now() - began;
        await until("all are open", async () => (await countOpen(stage)) === count, 120);
        const open = performance.now() - began;
        const seen = calls.stop();
        const puts = seen.filter(({ name }) => name.startsWith("PUT ") && name.endsWith("/configurations"));
        const others = seen.filter(({ kind }) => kind !== "visit");
        return [
          { what: `${count} approvals, until the last is acked`, value: acked, unit: "ms", aim: null },
          { what: "… until all are open", value: open, unit: "ms", aim: null },
          {
            what: "… writes of the tunnel's configuration",
            value: puts.length,
            unit: "PUTs",
            aim: { most: 5 },
          },
          { what: "… calls to Cloudflare in all", value: others.length, unit: "calls", aim: null },
          { what: "… holes at any moment", value: countHoles(stage, cards), unit: "", aim: { most: 0 } },
          await mostMemory(stage),
        ];
      }),
  };
}

async function countOpen({ database }: Stage): Promise<number> {
  const open = await database.db.selectFrom("exposures").select("id").where("phase", "=", "open").execute();
  return open.length;
}

function countHoles({ sandbox }: Stage, cards: { hostname: string }[]): number {
  return cards.filter(({ hostname }) => sandbox.cloudflare.firstHole(hostname) !== null).length;
}
