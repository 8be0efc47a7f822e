// Figure: from the start of the process to connected, and what it holds in memory when nothing happens.
import { setTimeout as pause } from "node:timers/promises";
import type { Figure, Measure } from "./figure.ts";
import { quantile } from "./figure.ts";
import { memoryMiB } from "./machine.ts";
import { onStage, type StageOptions } from "./stage.ts";

/** Long enough for what is loaded at the start to have been let go again. */
export function start(times: number, idleMs: number): Figure {
  return {
    name: "start",
    async run(bench) {
      const take = (options: StageOptions) =>
        onStage(bench, options, async (stage) => {
          const starts: number[] = [];
          for (let round = 0; round < times; round++) {
            await stage.stopBot();
            starts.push(await stage.startBot());
          }
          await pause(idleMs);
          return { ms: quantile(starts, 0.5), memory: (await memoryMiB(stage.bot().pid ?? 0)).now };
        });
      const postgres = await take({});
      const embedded = await take({ embedded: true });
      const measures: Measure[] = [
        { what: "start to connected, Postgres", value: postgres.ms, unit: "ms", aim: { most: 2000 } },
        { what: "idle memory, Postgres", value: postgres.memory, unit: "MiB", aim: { most: 200 } },
        { what: "start to connected, embedded store", value: embedded.ms, unit: "ms", aim: null },
        { what: "idle memory, embedded store", value: embedded.memory, unit: "MiB", aim: null },
      ];
      return measures;
    },
  };
}
