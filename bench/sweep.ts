// Figure: what a look over exposures that are as they should be costs: calls to Cloudflare, CPU, and rows written.
import { sql } from "kysely";
import { watchCalls } from "./calls.ts";
import { addOpen } from "./exposures.ts";
import type { Figure, Measure } from "./figure.ts";
import { cpuMs } from "./machine.ts";
import { onStage, type Stage, until } from "./stage.ts";

const MOST_CALLS = 12;
/** The last of `sizes` is the one that aims are held against; what is told is the mean of `rounds`. */
export function sweep(sizes: number[], rounds: number): Figure {
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
          measures.push(...(await measure(stage, { size, rounds, last: size === sizes.at(-1) })));
        }
        return measures;
      }),
  };
}

type Taking = { size: number; rounds: number; last: boolean };

async function measure(stage: Stage, { size, rounds, last }: Taking): Promise<Measure[]> {
  const pid = stage.bot().pid ?? 0;
  const before = { mark: await markOf(stage), cpu: await cpuMs(pid) };
  let calls = 0;
  for (let round = 0; round < rounds; round++) calls = await sweepOnce(stage);
  const cpu = ((await cpuMs(pid)) - before.cpu) / rounds;
  const { rows, walBytes } = await writtenSince(stage, before.mark);
  const what = `sweep over ${size} unchanged`;
  const atMost = (most: number) => (last ? { most } : null);
  return [
    { what: `${what}: calls to Cloudflare`, value: calls, unit: "calls", aim: atMost(MOST_CALLS) },
    { what: `${what}: CPU`, value: cpu, unit: "ms", aim: null },
    { what: `${what}: rows written to our tables`, value: rows / rounds, unit: "rows", aim: atMost(0) },
    {
      what: "… log written, by the queue for its own jobs",
      value: walBytes / rounds / 1024,
      unit: "KiB",
      aim: null,
    },
  ];
}

/** Time that is moved calls for a sweep. Answers with its calls to Cloudflare. */
async function sweepOnce({ sandbox }: Stage): Promise<number> {
  const watching = watchCalls(sandbox);
  const began = performance.now();
  let last = began;
  const stop = sandbox.shared.journal.onWrite(() => {
    last = performance.now();
  });
  sandbox.shared.clock.forward(1);
  await until("the sweep has begun", () => last > began);
  await until("the sweep is over", () => performance.now() - last > QUIET_MS);
  stop();
  return watching.stop().length;
}

const QUIET_MS = 500;

type Mark = { transaction: string; rows: number; log: string };

/** How far the database was at this moment. */
async function markOf(stage: Stage): Promise<Mark> {
  const { rows } = await sql<{ transaction: string; log: string }>`
    select pg_current_xact_id()::text as transaction, pg_current_wal_insert_lsn()::text as log`.execute(
    stage.database.db,
  );
  const { transaction = "0", log = "0/0" } = rows[0] ?? {};
  return { transaction, log, rows: (await countRows(stage, transaction)).standing };
}

/** Row versions that came since, and rows that went. */
async function writtenSince(stage: Stage, mark: Mark): Promise<{ rows: number; walBytes: number }> {
  const { rows } = await sql<{ bytes: string }>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ${mark.log}::pg_lsn)::text as bytes`.execute(
    stage.database.db,
  );
  const { standing, since } = await countRows(stage, mark.transaction);
  return { rows: since + Math.max(0, mark.rows - standing), walBytes: Number(rows[0]?.bytes) };
}

async function countRows({ database }: Stage, transaction: string) {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'`.execute(database.db);
  let [standing, since] = [0, 0];
  for (const { name } of tables) {
    const { rows } = await sql<{ standing: string; since: string }>`
      select count(*) as standing, count(*) filter (where xmin::text::bigint > ${transaction}::bigint) as since
      from ${sql.table(name)}`.execute(database.db);
    standing += Number(rows[0]?.standing);
    since += Number(rows[0]?.since);
  }
  return { standing, since };
}
