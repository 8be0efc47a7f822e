// The machine that the figures were taken on, and what a process on it costs.
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import pg from "pg";
import type { Measure } from "./figure.ts";
import type { Stage } from "./stage.ts";

export type Machine = {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  postgres: string;
  date: string;
};

export async function describeMachine(databaseUrl: string): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    postgres: await versionOf(databaseUrl),
    date: new Date().toISOString().slice(0, 10),
  };
}

async function versionOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  await client.end();
  return `${rows[0]?.server_version}, every commit on the disk`;
}

/** What a process holds in memory: now, and at the most since its start. In MiB. Linux only; NaN elsewhere. */
export async function memoryMiB(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const field = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: field("VmRSS"), most: field("VmHWM") };
}

/** The smallest worker pool. */
const POOL_MIB = 512;

export async function mostMemory(stage: Stage): Promise<Measure> {
  const { most } = await memoryMiB(stage.bot().pid ?? 0);
  return { what: "… memory of the bot, at the most", value: most, unit: "MiB", aim: { most: POOL_MIB } };
}

const TICKS_PER_SECOND = 100;

/** CPU time that a process has used so far, in ms. Linux only; NaN elsewhere. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11] ?? Number.NaN) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
