// A day of mixed life in minutes: the sandbox's clock is moved while people ask, approve, deny, extend and close, hours run
// out, requests lapse, a tunnel fails and is back. Handles level off, and so do the tables that hold no
// history; memory is printed.
import pg from "pg";
import { expect, test } from "vitest";
import { ask, askAndApprove, isClosed, untilClosed, untilOpen } from "../exposing.ts";
import { createTunnelWorld, untilIncident } from "../tunnels.ts";
import { TUNNEL, type World } from "../world.ts";

const HOUR = 60 * 60_000;
const HOURS = 24;

/** Must not grow at all. The others grow with what people do: some rows are kept for good, keys of clicks for a day, finished
 *  jobs for an hour of the database's own clock, which is not moved here. They must not grow any faster late in the day. */
const LEVEL = [
  "tunnels",
  "tunnel_health",
  "watch_state",
  "switches",
  "holes",
  "queue queue",
  "queue instance",
];

type Reading = { hour: number; heapMiB: number; handles: number; rows: Map<string, number> };

test("24 hours of mixed life: memory, handles and tables level off", async () => {
  const world = await createTunnelWorld({}, { ownProcess: true, env: { LOOK_SECONDS: "1" } });
  try {
    const readings: Reading[] = [];
    for (let hour = 0; hour < HOURS; hour++) {
      await liveAnHour(world, hour);
      readings.push(await read(world, hour));
    }
    const quarter = (number: number) => readings.slice(((number - 1) * HOURS) / 4, (number * HOURS) / 4);
    const [second, fourth] = [quarter(2), quarter(4)];
    process.stderr.write(`${readings.map(lineOf).join("\n")}\n`);
    expect(highest(fourth, ({ handles }) => handles)).toBeLessThanOrEqual(
      highest(second, ({ handles }) => handles) + 4,
    );
    for (const table of readings.at(-1)!.rows.keys()) {
      const [early, late] = [growthOf(table, second), growthOf(table, fourth)];
      const most = LEVEL.includes(table) ? 0 : early * 1.2 + 10;
      expect([table, early, late, late <= most]).toEqual([table, early, late, true]);
    }
  } finally {
    await world.close();
  }
});

async function liveAnHour(world: World, hour: number): Promise<void> {
  const { clock } = world.sandbox.shared;
  const name = (what: string) => `${what}-${hour}`;
  const closes = await askAndApprove(world, { service: "billing-api", hostname: name("closes") });
  const runsOut = await askAndApprove(
    world,
    { service: "grafana", hostname: name("ends"), duration: 60 },
    world.tom,
  );
  const denied = await ask(world, { service: "reports", hostname: name("denied") }, world.mina);
  await world.lee.presses("Deny", world.card(denied));
  await world.lee.submits({ "form.reason": "Not today" }).catch(() => null);
  await ask(world, { service: "stock-viewer", hostname: name("lapses") }, world.tom).catch(() => null);
  await Promise.all([untilOpen(world, closes, 60), untilOpen(world, runsOut, 60)]);
  if (hour % 6 === 3) await failAndRecover(world);
  await world.asha.presses("Close", world.card(closes));
  await untilClosed(world, closes, 60);
  for (let step = 0; step < 4; step++) clock.forward(HOUR / 4);
  clock.forward(60_000);
  await world.until("it has run out", () => isClosed(world, runsOut), 60);
}

async function failAndRecover(world: World): Promise<void> {
  const { cloudflare } = world.sandbox;
  cloudflare.setConnectors(TUNNEL, 0);
  await untilIncident(world, "Tunnel cloud-run is down");
  cloudflare.setConnectors(TUNNEL, 2);
  await untilIncident(world, "Over: tunnel cloud-run was down");
}

async function read(world: World, hour: number): Promise<Reading> {
  const port = world.sandbox.env.HEALTH_PORT;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);
  const heapMiB = value("nodejs_heap_size_used_bytes") / 2 ** 20;
  const handles = value("nodejs_active_handles_total") || value("nodejs_active_resources_total");
  expect([Number.isFinite(heapMiB), Number.isFinite(handles)]).toEqual([true, true]);
  return { hour, heapMiB, handles, rows: await rowsOf(world.databaseUrl!) };
}

async function rowsOf(url: string): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_schema: string; table_name: string }>(
      "select table_schema, table_name from information_schema.tables where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'",
    );
    const counts = new Map<string, number>();
    for (const { table_schema, table_name } of rows) {
      const counted = await client.query(`select count(*)::int as n from ${table_schema}.${table_name}`);
      counts.set(table_schema === "public" ? table_name : `queue ${table_name}`, counted.rows[0].n);
    }
    return counts;
  } finally {
    await client.end();
  }
}

function growthOf(table: string, readings: Reading[]): number {
  const count = (reading: Reading | undefined) => reading?.rows.get(table) ?? 0;
  return count(readings.at(-1)) - count(readings[0]);
}

function highest(readings: Reading[], of: (each: Reading) => number): number {
  return Math.max(...readings.map(of));
}

function lineOf({ hour, heapMiB, handles, rows }: Reading): string {
  const tables = [...rows].filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`);
  return `hour ${hour}: ${heapMiB.toFixed(1)} MiB, ${handles} handles; ${tables.join(", ")}`;
}
