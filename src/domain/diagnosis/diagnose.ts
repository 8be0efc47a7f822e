// The way in: facts one by one, or all at once; causes with evidence, confidence and remedy out. Takes one pass over the
// facts, and keeps counts and a few lines of each fault.
import { redacted } from "./evidence.ts";
import {
  CAUSES,
  type Cause,
  type DiagnoseOptions,
  type Diagnosis,
  explains,
  type Fact,
  SEVERITIES,
  type Severity,
} from "./facts.ts";
import type { RunFinding } from "./judge-run.ts";
import { judgeRuns } from "./judge-tunnel.ts";
import { DIAGNOSIS_LIMITS, type DiagnosisLimits } from "./limits.ts";
import { judgeOutside, newOutside, type OutsideFinding, takeConnector, takeProbe } from "./outside.ts";
import { remedyFor } from "./remedies.ts";
import { unableToRead } from "./replicas.ts";
import { newStreams, takeLine } from "./streams.ts";

export type Diagnostician = { take(fact: Fact): void; conclude(options?: DiagnoseOptions): Diagnosis[] };

export function diagnose(
  facts: Iterable<Fact>,
  options: DiagnoseOptions = {},
  limits: DiagnosisLimits = DIAGNOSIS_LIMITS,
): Diagnosis[] {
  const diagnostician = createDiagnostician(limits);
  for (const fact of facts) diagnostician.take(fact);
  return diagnostician.conclude(options);
}

export function createDiagnostician(limits: DiagnosisLimits = DIAGNOSIS_LIMITS): Diagnostician {
  const streams = newStreams(limits);
  const outside = newOutside();
  return {
    take(fact) {
      if (fact.kind === "log") takeLine(streams, fact);
      else if (fact.kind === "probe") takeProbe(outside, fact);
      else takeConnector(outside, fact);
    },
    conclude(options = {}) {
      const moment = { now: options.now ?? null, end: streams.lastAt, limits };
      const inside = judgeRuns(streams.runs, moment, options.informational ?? false).map(fromFinding);
      const known = new Set(inside.map(({ cause }) => cause));
      const seen = judgeOutside(outside, options, limits, unableToRead(streams.runs))
        .filter((each) => adds(each, known))
        .map(fromOutside);
      return [...inside, ...seen].toSorted(bySeverity);
    },
  };
}

/** The log knows why, the API only that. */
function adds({ cause }: OutsideFinding, known: Set<Cause>): boolean {
  if (known.has(cause)) return false;
  if (cause === "old-version") return known.size === 0;
  if (cause === "origin-not-found" && known.has("origin-host")) return false;
  return ![...known].some((root) => explains(root, cause));
}

function fromFinding(finding: RunFinding): Diagnosis {
  const { cause, tally, run, coping, services } = finding;
  return {
    cause,
    severity: severityOf(finding),
    confidence: confidenceOf(cause, tally.count, finding.backing),
    seen: tally.count,
    counted: finding.counted,
    connector: run.connector ?? (run.stream === run.group ? null : run.stream),
    since: tally.first ?? run.startedAt ?? run.firstAt,
    lastSeen: tally.last,
    evidence: tally.lines.map(redacted),
    remedy: remedyFor(cause, { coping, services: services.map(redacted) }),
    services: services.map(redacted),
  };
}

function fromOutside({ cause, tally, connector, sure, services }: OutsideFinding): Diagnosis {
  return {
    cause,
    severity: SEVERITY[cause],
    confidence: sure ? 0.95 : 0.7,
    seen: tally.count,
    counted: false,
    connector,
    since: tally.first,
    lastSeen: tally.last,
    evidence: tally.lines.map(redacted),
    remedy: remedyFor(cause, { coping: false, services }),
    services,
  };
}

const SEVERITY: Record<Cause, Severity> = {
  "token-malformed": "critical",
  "bad-flags": "critical",
  "fd-limit": "high",
  "edge-dns": "critical",
  "token-rejected": "critical",
  "edge-ipv6": "high",
  "tcp-7844-blocked": "critical",
  "liveness-loop": "critical",
  "quic-rejected": "critical",
  "quic-blocked": "critical",
  "quic-flap": "high",
  "h2-flap": "medium",
  outage: "critical",
  "few-addresses": "medium",
  degraded: "medium",
  "origin-dns": "high",
  "origin-tls": "high",
  "origin-refused": "high",
  "origin-unreachable": "high",
  "origin-host": "high",
  "origin-not-found": "high",
  "origin-iam": "high",
  "replica-mismatch": "high",
  "bad-config": "high",
  "old-version": "low",
  "same-colo": "info",
};

/** What still works lowers it: a connector that copes, or one of its connections that is up. */
function severityOf({ cause, coping, down }: RunFinding): Severity {
  const severity = SEVERITY[cause];
  if (severity !== "critical") return severity;
  if (coping) return "medium";
  return down ? "critical" : "high";
}

/** How far one line proves the cause. Repetition and other signs add to it. */
const ONE_LINE: Partial<Record<Cause, number>> = {
  "token-malformed": 0.95,
  "bad-flags": 0.95,
  "fd-limit": 0.85,
  "edge-dns": 0.8,
  "bad-config": 0.9,
  "old-version": 0.9,
  outage: 0.6,
  "few-addresses": 0.9,
  degraded: 0.7,
  "replica-mismatch": 0.6,
  "liveness-loop": 0.7,
  "quic-flap": 0.65,
  "h2-flap": 0.65,
  "same-colo": 0.9,
};

function confidenceOf(cause: Cause, seen: number, backing: number): number {
  const repetition = Math.min(0.15, 0.05 * Math.log2(Math.max(1, seen)));
  const confidence = (ONE_LINE[cause] ?? 0.75) + repetition + 0.1 * backing;
  return Math.round(Math.max(0.3, Math.min(0.98, confidence)) * 100) / 100;
}

function bySeverity(a: Diagnosis, b: Diagnosis): number {
  const order = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  return order || b.confidence - a.confidence || CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause);
}
