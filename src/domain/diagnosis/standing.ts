// What can be said of a process that works: the age of its version, and where its connections end.
import type { Run } from "./connector-run.ts";
import { newTally } from "./evidence.ts";
import { type Cause, CONNECTIONS } from "./facts.ts";
import type { RunFinding } from "./judge-run.ts";

/** Cloudflare supports versions up to a year behind the newest:
 *  https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/downloads/ */
const SUPPORTED_MONTHS = 12;

export function oldVersion(run: Run): RunFinding[] {
  const { version, lastAt } = run;
  if (version === null || lastAt === null || !isOutdated(version, lastAt)) return [];
  return [standing(run, "old-version", `Version ${version}, ${ageInMonths(version, lastAt)} months old`)];
}

export function isOutdated(version: string, at: Date): boolean {
  return ageInMonths(version, at) > SUPPORTED_MONTHS;
}

/** A version such as `2026.8.3` tells its month; 0 for one that does not. */
function ageInMonths(version: string, at: Date): number {
  const [, year, month] = /^(\d{4})\.(\d{1,2})\b/.exec(version) ?? [];
  if (!year || !month) return 0;
  return (at.getUTCFullYear() - Number(year)) * 12 + at.getUTCMonth() + 1 - Number(month);
}

/** Cloudflare names a data centre by city and number, as in `nrt08`. */
export function sameColo(run: Run): RunFinding[] {
  const up = [...run.indexes.values()].filter((index) => index.up);
  const cities = new Set(up.map(({ location }) => location?.replace(/\d+$/, "") ?? ""));
  if (up.length < CONNECTIONS || cities.size !== 1 || cities.has("")) return [];
  return [standing(run, "same-colo", `all ${up.length} connections end in ${[...cities][0]}`)];
}

export function standing(run: Run, cause: Cause, words: string): RunFinding {
  const tally = {
    ...newTally(),
    count: 1,
    first: run.startedAt ?? run.firstAt,
    last: run.lastAt,
    lines: [words],
  };
  return { cause, tally, run, backing: 0, down: false, coping: true, counted: false, services: [] };
}
