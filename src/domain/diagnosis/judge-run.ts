// From the state of one process to what is wrong with it. Recovery is decided here and nowhere else:
//  - a fault to connect is over once every connection that had it is registered again, in this process or a later one;
//  - a fall back from QUIC to HTTP/2 is lasting, because it costs minutes at every start;
//  - flapping and faults of an origin are never over by themselves: a log has no line that says so.
import { type FaultKind, type Index, isOver, isServing, type Run, upCount } from "./connector-run.ts";
import { earlier, keep, later, newTally, type Tally, together } from "./evidence.ts";
import { type Cause, CONNECTIONS } from "./facts.ts";
import type { DiagnosisLimits } from "./limits.ts";

export type RunFinding = {
  cause: Cause;
  tally: Tally;
  run: Run;
  /** Further signs that say the same. */
  backing: number;
  /** Nothing of this process is up. */
  down: boolean;
  /** The connections work all the same. */
  coping: boolean;
  /** Found by counting over a time. */
  counted: boolean;
  /** The services concerned, for faults of an origin. */
  services: string[];
};

/** What worked before may be away for a moment: only as many failed dials as there are connections say that the way is blocked. */
const LATE_FAILURES = CONNECTIONS;

export type Moment = { now: Date | null; end: Date | null; limits: DiagnosisLimits };

export function judgeRun(run: Run, moment: Moment): RunFinding[] {
  const findings = [...startFaults(run), ...edgeFaults(run), ...lossFaults(run, moment)];
  return [...findings, ...originFaults(run)];
}

function finding(
  run: Run,
  cause: Cause,
  tallies: (Tally | undefined)[],
  more: Partial<RunFinding> = {},
): RunFinding {
  const tally = together(tallies.filter((each) => each !== undefined));
  const down = !isServing(run);
  return { cause, tally, run, backing: 0, down, coping: false, counted: false, services: [], ...more };
}

/** What keeps a process from starting, and what its start says about it. */
function startFaults(run: Run): RunFinding[] {
  const found: RunFinding[] = [];
  for (const cause of ["token-malformed", "bad-flags", "fd"] as const) {
    const tally = run.faults.get(cause);
    if (tally) found.push(finding(run, cause === "fd" ? "fd-limit" : cause, [tally]));
  }
  const badConfig = run.faults.get("bad-config");
  if (badConfig) found.push(finding(run, "bad-config", [badConfig], { coping: upCount(run) > 0 }));
  const hostHeader = run.faults.get("host-header");
  if (hostHeader) found.push(finding(run, "origin-host", [hostHeader], { services: run.withoutHost }));
  const outdated = run.faults.get("outdated");
  if (outdated) found.push(finding(run, "old-version", [outdated]));
  return found;
}

function edgeFaults(run: Run): RunFinding[] {
  const { faults } = run;
  const found: RunFinding[] = [];
  const dns = open(run, "edge-dns") ?? open(run, "dns-precheck");
  if (dns)
    found.push(
      finding(run, "edge-dns", [dns, faults.get("dns-precheck")], { backing: has(run, "dns-precheck") }),
    );
  const few = faults.get("few-addresses");
  if (few) found.push(finding(run, "few-addresses", [few]));
  const token = open(run, "token");
  if (token) found.push(finding(run, "token-rejected", [token]));
  return [...found, ...dialFaults(run), ...quicFaults(run)];
}

function dialFaults(run: Run): RunFinding[] {
  if (run.registered > 0 && !isServing(run) && !isBlockedSince(run)) return [];
  const tcp = tcpBlocked(run);
  const ipv6 = open(run, "edge-ipv6");
  // cloudflared goes on with the other family: where IPv4 fails as well, it is not for want of IPv6.
  const only = ipv6 && !open(run, "tcp-blocked") ? [finding(run, "edge-ipv6", [ipv6])] : [];
  return [...only, ...(tcp ? [tcp] : [])];
}

function tcpBlocked(run: Run): RunFinding | null {
  const { faults } = run;
  // Something that is registered over TCP proves that the port is open; a few addresses that fail are no block.
  if (isServing(run)) return null;
  const dial = open(run, "tcp-blocked");
  const checks = [faults.get("tcp-precheck"), faults.get("hard-fail")];
  if (dial)
    return finding(run, "tcp-7844-blocked", [dial, faults.get("edge-ipv6"), ...checks], {
      backing: has(run, "tcp-precheck", "hard-fail"),
    });
  const check = open(run, "tcp-precheck") ?? open(run, "hard-fail");
  if (!check || run.registered > 0 || faults.has("dns-precheck") || faults.has("edge-dns")) return null;
  return finding(run, "tcp-7844-blocked", [check], { backing: has(run, "udp-precheck", "tcp-precheck") - 2 });
}

/** It worked, and nothing comes back whichever connection tries: each has an address of its own. */
function isBlockedSince(run: Run): boolean {
  const retries = together(downOnes(run).map(({ loss }) => loss.retries));
  return retries.count >= LATE_FAILURES && retries.indexes.size > 1;
}

function quicFaults(run: Run): RunFinding[] {
  const { faults } = run;
  const rejected = faults.get("quic-rejected");
  const blocked = faults.get("quic-blocked");
  const hints = [faults.get("quic-hint"), faults.get("fallback"), faults.get("udp-precheck")];
  const backing = has(run, "quic-hint", "fallback", "udp-precheck");
  const coping = isServing(run);
  const main = rejected && rejected.count >= (blocked?.count ?? 0) ? rejected : blocked;
  if (run.everQuic) return coping ? [] : lateQuicFailure(run);
  // Others stand that the log does not mention, and nothing says that they had to fall back: UDP passes.
  if (coping && upCount(run) === 0 && !run.fellBack) return [];
  const cause = main && main === rejected ? "quic-rejected" : "quic-blocked";
  if (main) return [finding(run, cause, [main, ...hints], { backing, coping })];
  if (faults.has("fallback") || faults.has("quic-hint")) {
    return [finding(run, "quic-blocked", hints, { backing: backing - 1, coping })];
  }
  // The check of UDP fails on Cloud Run whatever the protocol is; it matters only to one that begins with QUIC.
  const check = faults.get("udp-precheck");
  const wantsQuic = run.protocol === "quic" && run.pinned !== "http2";
  return check && wantsQuic && !coping ? [finding(run, "quic-blocked", [check], { backing: -2 })] : [];
}

/** QUIC worked and then no more. Once it has worked, cloudflared never falls back in this process. Fewer failures may be of a
 *  blip: they are told by how long the loss lasts. */
function lateQuicFailure(run: Run): RunFinding[] {
  const losses = downOnes(run).map(({ loss }) => loss);
  const retries = together(losses.map((loss) => loss.retries));
  if (retries.count < LATE_FAILURES) return [];
  return [finding(run, "quic-blocked", [retries, ...losses.map(({ drops }) => drops)])];
}

function lossFaults(run: Run, moment: Moment): RunFinding[] {
  const { drops } = run;
  if (drops.flapping) {
    const cause = drops.quic.count >= drops.h2.count ? "quic-flap" : "h2-flap";
    return [finding(run, cause, [cause === "quic-flap" ? drops.quic : drops.h2], { counted: true })];
  }
  const loss = run.stopping || run.ended ? null : lossState(run, moment);
  const odd = run.faults.get("odd-exit");
  if (odd && run.exited) return [finding(run, "outage", [odd])];
  if (!loss) return [];
  const losses = downOnes(run).map((index) => index.loss);
  const fails = run.everQuic && losses.some(({ retries }) => retries.count > 0);
  const isQuic = fails || losses.filter(({ kind }) => kind === "quic").length >= 3;
  const cause = loss.state === "outage" && isQuic ? "quic-flap" : loss.state;
  // Only of what is down now: what was lost before and came back is over.
  const lines = [...losses.map((each) => each.drops), ...losses.map(({ retries }) => retries)];
  const seen = lines.filter((tally) => tally.count > 0);
  const tally = together(seen.length > 0 ? seen : [run.faults.get("last-one-lost") ?? stateTally(run)]);
  return [finding(run, cause, [], { tally: { ...tally, first: loss.since ?? tally.first } })];
}

function downOnes(run: Run): Index[] {
  return [...run.indexes.values()].filter((index) => !index.up);
}

type LossState = { state: "outage" | "degraded"; since: Date | null };

/** An outage began when the last connection went, a lack of some when the first did. */
function lossState(run: Run, { now, end, limits }: Moment): LossState | null {
  const times = downOnes(run).map(({ since }) => since);
  const elapsed = (now ?? end)?.getTime() ?? 0;
  if (!isServing(run)) {
    const lost = run.faults.has("last-one-lost") || (run.indexes.size > 0 && run.registered > 0);
    if (!lost) return null;
    const since = times.reduce<Date | null>((at, each) => later(at, each), null);
    const stands = now === null || elapsed - (since?.getTime() ?? 0) >= limits.outageMs;
    return stands ? { state: "outage", since } : null;
  }
  const since = times.reduce<Date | null>((at, each) => earlier(at, each), null);
  return since && elapsed - since.getTime() >= limits.degradedMs ? { state: "degraded", since } : null;
}

/** Where the loss itself left no line, the state of the connections is the evidence. */
function stateTally(run: Run): Tally {
  const tally = newTally();
  for (const [connIndex, { up, since }] of run.indexes) {
    tally.count += 1;
    tally.first = earlier(tally.first, since);
    tally.last = later(tally.last, since);
    keep(
      tally.lines,
      `connection ${connIndex} ${up ? "up" : "down"} since ${since?.toISOString() ?? "before the log"}`,
    );
  }
  return tally;
}

const ORIGIN_CAUSES = {
  dns: "origin-dns",
  tls: "origin-tls",
  refused: "origin-refused",
  unreachable: "origin-unreachable",
} as const;

/** One service mostly fails in one way: what is seldom beside it is left out. */
function originFaults(run: Run): RunFinding[] {
  const most = new Map<string, number>();
  for (const { service, tally } of run.origin.values()) {
    most.set(service, Math.max(most.get(service) ?? 0, tally.count));
  }
  return [...run.origin.values()]
    .filter(({ service, tally }) => tally.count * 4 >= (most.get(service) ?? 0))
    .flatMap(({ service, error, tally }) =>
      error in ORIGIN_CAUSES
        ? [finding(run, ORIGIN_CAUSES[error as keyof typeof ORIGIN_CAUSES], [tally], { services: [service] })]
        : [],
    );
}

/** The tally of a fault that is not over, as far as this process shows. */
function open(run: Run, fault: FaultKind): Tally | null {
  const tally = run.faults.get(fault);
  if (!tally) return null;
  return isOver(run, tally) ? null : tally;
}

function has(run: Run, ...faults: FaultKind[]): number {
  return faults.filter((fault) => run.faults.has(fault)).length;
}
