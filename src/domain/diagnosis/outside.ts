// What a visit from outside and Cloudflare's API say, kept beside the log.
import { keep, newTally, type Tally } from "./evidence.ts";
import type { Cause, ConnectorFact, DiagnoseOptions, ProbeFact } from "./facts.ts";
import { CONVERGED_MS, type DiagnosisLimits } from "./limits.ts";
import { isOutdated } from "./standing.ts";

export type OutsideFinding = {
  cause: Cause;
  tally: Tally;
  connector: string | null;
  sure: boolean;
  services: string[];
};

/** `outOf` and `none` say since when some, or all, connections are missing; `configAt` when this version was first read. */
type Known = { last: ConnectorFact; outOf: Date | null; none: Date | null; configAt: Date };

export type Outside = {
  answers: Map<string, { cause: Cause; tally: Tally }>;
  connectors: Map<string, Known>;
};

export function newOutside(): Outside {
  return { answers: new Map(), connectors: new Map() };
}

export function takeProbe({ answers }: Outside, { hostname, answer, at }: ProbeFact): void {
  if (answer === "fine") answers.delete(hostname);
  if (answer === "fine" || answer === "other") return;
  const cause = answer === "google-not-found" ? "origin-not-found" : "origin-iam";
  const known = answers.get(hostname);
  const tally = known?.cause === cause ? known.tally : newTally();
  see(tally, at, `${at.toISOString()} https://${hostname}/ answered with ${PAGES[cause]}`);
  answers.set(hostname, { cause, tally });
}

const PAGES = {
  "origin-not-found": "Google's own 404 page",
  "origin-iam": "Google's 403: the invoker check",
} as const;

export function takeConnector({ connectors }: Outside, fact: ConnectorFact): void {
  const known = connectors.get(fact.connector);
  const full = fact.connections >= fact.expected;
  connectors.set(fact.connector, {
    last: fact,
    outOf: full ? null : (known?.outOf ?? fact.at),
    none: fact.connections > 0 ? null : (known?.none ?? fact.at),
    configAt:
      known && known.last.configVersion === fact.configVersion
        ? known.configAt
        : (fact.configReadAt ?? fact.at),
  });
}

export function judgeOutside(
  { answers, connectors }: Outside,
  options: DiagnoseOptions,
  limits: DiagnosisLimits,
  unable: ReadonlySet<string>,
): OutsideFinding[] {
  const visits = [...answers].map(([hostname, { cause, tally }]) => ({
    cause,
    tally,
    connector: null,
    sure: true,
    services: [hostname],
  }));
  const known = [...connectors.values()];
  return [
    ...visits,
    ...known.flatMap((each) => connectorFaults(each, options, limits)),
    ...mismatch(known, unable),
  ];
}

function connectorFaults(
  { last, outOf, none }: Known,
  { now = last.at }: DiagnoseOptions,
  limits: DiagnosisLimits,
): OutsideFinding[] {
  const words = `${last.at.toISOString()} connector ${last.connector} (version ${last.version ?? "unknown"})`;
  const found: OutsideFinding[] = [];
  const say = (cause: Cause, since: Date, what: string, sure = true) => {
    const tally = newTally();
    see(tally, since, `${words} ${what}`);
    found.push({ cause, tally, connector: last.connector, sure, services: [] });
  };
  const some = `has ${last.connections} of ${last.expected} connections`;
  if (last.ours === false) say("replica-mismatch", last.at, "runs outside the known worker pools");
  if (none && now.getTime() - none.getTime() >= limits.outageMs) say("outage", none, some);
  else if (outOf && !none && now.getTime() - outOf.getTime() >= limits.degradedMs)
    say("degraded", outOf, some);
  if (last.version && isOutdated(last.version, now))
    say("old-version", last.at, "is more than a year old", false);
  return found;
}

/** One that cannot read the newest configuration belongs there all the same; its log says why it is behind. */
function mismatch(known: Known[], unable: ReadonlySet<string>): OutsideFinding[] {
  return [...Map.groupBy(known, ({ last }) => last.tunnelId).values()].flatMap((same) => {
    const told = same.filter(({ last }) => last.configVersion !== null && !unable.has(last.connector));
    const newest = told.toSorted(byVersion)[0];
    const behind = newest && told.find((each) => isBehind(each, newest));
    if (!behind) return [];
    const tally = newTally();
    for (const { last } of [newest, behind]) {
      see(tally, last.at, `connector ${last.connector} has configuration version ${last.configVersion}`);
    }
    const connector = behind.last.connector;
    return [{ cause: "replica-mismatch" as const, tally, connector, sure: false, services: [] }];
  });
}

/** Newest first, and of one version whoever had it first. */
function byVersion(a: Known, b: Known): number {
  const order = (b.last.configVersion ?? 0) - (a.last.configVersion ?? 0);
  return order || a.configAt.getTime() - b.configAt.getTime();
}

/** A fresh version takes a moment to reach everybody, and what was read before then says nothing of it. */
function isBehind({ last }: Known, newest: Known): boolean {
  if (last.configVersion === newest.last.configVersion || last.configReadAt === null) return false;
  return last.configReadAt.getTime() - newest.configAt.getTime() >= CONVERGED_MS;
}

function see(tally: Tally, at: Date, line: string): void {
  tally.count += 1;
  tally.first ??= at;
  tally.last = at;
  keep(tally.lines, line);
}
