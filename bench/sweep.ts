// Figure: what a look over exposures that are as they should be costs: calls to Cloudflare, CPU, and rows written.
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { watchCalls } from "./calls.ts";
import { addOpen } from "./exposures.ts";
import type { Figure, Measure } from "./figure.ts";
import { cpuMs } from "./machine.ts";
import { onStage, type Stage, until } from "./stage.ts";

const MOST_CALLS = 12;
/** Postgres tells what a connection wrote once that has been idle for this long. */
const STATISTICS_MS = 11_000;
const SWEEPS = 5;

/** The last of `sizes` is the one that aims are held against. */
export function sweep(sizes: number[]): Figure {
  return {
    name: "sweep",
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        await stage.startBot();
        await sweepOnce(stage);
        const measures: Measure[] = [];
        let standing = 0;
        for (const size of sizes) {
          await addOpen(stage, size - standing);
          standing = size;
          await sweepOnce(stage);
          measures.push(...(await measure(stage, size, size === sizes.at(-1))));
        }
        return measures;
      }),
  };
}

async function measure(stage: Stage, size: number, last: boolean): Promise<Measure[]> {
  if (last) await pause(STATISTICS_MS);
  const pid = stage.bot().pid ?? 0;
  const before = { rows: await rowsWritten(stage), cpu: await cpuMs(pid) };
  let calls = 0;
  for (let round = 0; round < SWEEPS; round++) calls = await sweepOnce(stage);
  const cpu = ((await cpuMs(pid)) - before.cpu) / SWEEPS;
  const what = `sweep over ${size} unchanged`;
  const measures: Measure[] = [
    {
      what: `${what}: calls to Cloudflare`,
      value: calls,
      unit: "calls",
      aim: last ? { most: MOST_CALLS } : null,
    },
    { what: `${what}: CPU`, value: cpu, unit: "ms", aim: null },
  ];
  if (!last) return measures;
  await pause(STATISTICS_MS);
  const after = await rowsWritten(stage);
  const ours = after.public - before.rows.public;
  const queue = (after.pgboss - before.rows.pgboss) / SWEEPS;
  return [
    ...measures,
    { what: `${what}: rows written to our tables`, value: ours / SWEEPS, unit: "rows", aim: { most: 0 } },
    { what: "… by the queue, to take and end its jobs", value: queue, unit: "rows", aim: null },
  ];
}

/** Time that is moved calls for a sweep. Answers with its calls to Cloudflare. */
async function sweepOnce({ sandbox }: Stage): Promise<number> {
  const watching = watchCalls(sandbox);
  let last = performance.now();
  const stop = sandbox.shared.journal.onWrite(() => {
    last = performance.now();
  });
  sandbox.shared.clock.forward(1);
  await pause(QUIET_MS);
  await until("the sweep is over", () => performance.now() - last > QUIET_MS);
  stop();
  return watching.stop().length;
}

const QUIET_MS = 500;

type Written = { public: number; pgboss: number };

async function rowsWritten({ database }: Stage): Promise<Written> {
  const { rows } = await sql<{ schemaname: string; written: string }>`
    select schemaname, sum(n_tup_ins + n_tup_upd + n_tup_del) as written from pg_stat_all_tables
    where schemaname in ('public', 'pgboss') group by schemaname`.execute(database.db);
  const of = (schema: string) => Number(rows.find((row) => row.schemaname === schema)?.written ?? 0);
  return { public: of("public"), pgboss: of("pgboss") };
}
