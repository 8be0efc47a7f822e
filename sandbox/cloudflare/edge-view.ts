// What the edge knows of Access and DNS: it follows the account's state after the propagation delay.
import { bySpecificity, hostCovers, pathCovers, type Target, targetsOf } from "./access-match.ts";
import type { Application, DnsRecord, Policy } from "./state.ts";

export type Update =
  | { kind: "application"; id: string; value: Application | null }
  | { kind: "policy"; id: string; value: Policy | null }
  | { kind: "record"; id: string; value: DnsRecord | null }
  /** Tokens of this application up to this serial are dead. */
  | { kind: "revocation"; id: string; value: number };

export type EdgeView = {
  /** Takes effect after the delay, all together; `done` runs when it has. */
  publish(updates: Update[], done: () => void): void;
  /** The destination that stands in front of this address, if any. */
  target(hostname: string, path: string): Target | null;
  /** All destinations that may concern a hostname, the most specific first. */
  targetsAt(hostname: string): Target[];
  policiesOf(application: Application): Policy[];
  revokedUpTo(applicationId: string): number;
  /** The record that answers for a hostname, wildcards included. */
  record(hostname: string): DnsRecord | null;
  setDelay(ms: number): void;
  close(): void;
};

export function createEdgeView(initialDelayMs: number): EdgeView {
  const applications = new Map<string, Application>();
  const policies = new Map<string, Policy>();
  const records = new Map<string, DnsRecord>();
  const revoked = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  const applied = new Map<string, number>();
  let delayMs = initialDelayMs;
  let sequence = 0;
  let targets: TargetIndex | null = null;
  let names: NameIndex | null = null;

  function set<T>(map: Map<string, T>, id: string, value: T | null): void {
    if (value === null) map.delete(id);
    else map.set(id, value);
  }

  function apply(update: Update, number: number): void {
    // A shorter delay set in between must not let an older write win.
    const key = `${update.kind} ${update.id}`;
    if ((applied.get(key) ?? 0) > number) return;
    applied.set(key, number);
    if (update.kind === "application") set(applications, update.id, update.value);
    else if (update.kind === "policy") set(policies, update.id, update.value);
    else if (update.kind === "record") set(records, update.id, update.value);
    else revoked.set(update.id, update.value);
    if (update.kind === "application") targets = null;
    if (update.kind === "record") names = null;
  }

  const view: EdgeView = {
    publish(updates, done) {
      sequence += 1;
      const number = sequence;
      const run = () => {
        for (const update of updates) apply(update, number);
        done();
      };
      if (delayMs <= 0) {
        run();
        return;
      }
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, delayMs);
      timer.unref();
      timers.add(timer);
    },
    target: (hostname, path) =>
      view.targetsAt(hostname).find((target) => pathCovers(target.path, path)) ?? null,
    targetsAt(hostname) {
      targets ??= indexTargets(applications.values());
      const wild = targets.wild.filter((target) => hostCovers(target.host, hostname));
      return [...(targets.exact.get(hostname) ?? []), ...wild].sort(bySpecificity);
    },
    policiesOf: (application) => application.policyIds.flatMap((id) => policies.get(id) ?? []),
    revokedUpTo: (id) => revoked.get(id) ?? 0,
    record(hostname) {
      names ??= indexNames(records.values());
      return lookUp(names, hostname);
    },
    setDelay(ms) {
      delayMs = ms;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
  return view;
}

type TargetIndex = { exact: Map<string, Target[]>; wild: Target[] };

function indexTargets(applications: Iterable<Application>): TargetIndex {
  const index: TargetIndex = { exact: new Map(), wild: [] };
  for (const target of [...applications].flatMap(targetsOf)) {
    if (target.host.includes("*")) index.wild.push(target);
    else index.exact.set(target.host, [...(index.exact.get(target.host) ?? []), target]);
  }
  return index;
}

/** `known` holds every name with records and every name above one: a wildcard does not reach past those. */
type NameIndex = { records: Map<string, DnsRecord[]>; known: Set<string> };

function indexNames(records: Iterable<DnsRecord>): NameIndex {
  const index: NameIndex = { records: new Map(), known: new Set() };
  for (const record of records) {
    index.records.set(record.name, [...(index.records.get(record.name) ?? []), record]);
    const labels = record.name.split(".");
    for (let from = 0; from < labels.length; from += 1) index.known.add(labels.slice(from).join("."));
  }
  return index;
}

/** RFC 4592: the wildcard of the closest name that exists, at any depth below it. */
function lookUp(index: NameIndex, hostname: string): DnsRecord | null {
  const own = index.records.get(hostname);
  if (own || index.known.has(hostname)) return addressOf(own ?? []);
  const labels = hostname.split(".");
  for (let from = 1; from < labels.length; from += 1) {
    const parent = labels.slice(from).join(".");
    const wildcard = index.records.get(`*.${parent}`);
    if (wildcard) return addressOf(wildcard);
    if (index.known.has(parent)) return null;
  }
  return null;
}

function addressOf(records: DnsRecord[]): DnsRecord | null {
  return records.find((record) => ["A", "AAAA", "CNAME"].includes(record.type)) ?? null;
}
