// What can be said of a process that works: the age of its version, and where its connections end.
import type { Run } from "./connector-run.ts";
import { newTally } from "./evidence.ts";
import type { Cause } from "./facts.ts";
import type { Finding } from "./judge-run.ts";

/** Cloudflare supports versions up to a year behind the newest:
 *  https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/downloads/ */
const SUPPORTED_MONTHS = 12;

export function isOldVersion(run: Run): Finding[] {
  const age = run.version === null ? 0 : ageInMonths(run.version, run.lastAt);
  return age > SUPPORTED_MONTHS
    ? [standing(run, "old-version", `Version ${run.version}, ${age} months old`)]
    : [];
}

export function ageInMonths(version: string, at: Date | null): number {
  const [year = 0, month = 0] = version.split(".").map(Number);
  if (at === null || year < 2019) return 0;
  return (at.getUTCFullYear() - year) * 12 + at.getUTCMonth() + 1 - month;
}

/** Cloudflare names a data centre by city and number, as in `nrt08`. */
export function sameColo(run: Run): Finding[] {
  const up = [...run.indexes.values()].filter((index) => index.up);
  const cities = new Set(up.map(({ location }) => location?.replace(/\d+$/, "") ?? ""));
  if (up.length < 4 || cities.size !== 1 || cities.has("")) return [];
  return [standing(run, "same-colo", `all ${up.length} connections end in ${[...cities][0]}`)];
}

export function standing(run: Run, cause: Cause, words: string): Finding {
  const tally = {
    ...newTally(),
    count: 1,
    first: run.startedAt ?? run.firstAt,
    last: run.lastAt,
    lines: [words],
  };
  return { cause, tally, run, backing: 0, down: false, coping: true, services: [] };
}
