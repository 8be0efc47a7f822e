// The vendors' verbs on the model world, as src/services has them, with lost requests, lost answers, refusals, and a
// process that can die before any call.
import { type Application, type Rule, tunnelAddress } from "../../src/domain/observed.ts";
import type { Target } from "../../src/domain/plan.ts";
import type { EnsureApplication } from "../../src/services/access-application.ts";
import type { EnsureRecord, RemoveRecord } from "../../src/services/dns.ts";
import type { EdgeTools } from "../../src/services/edge-pass.ts";
import { type FailureKind, ServiceFailure } from "../../src/services/failure.ts";
import type { RoutesChange } from "../../src/services/tunnel.ts";
import { clashesOf, isSame, mergeRoutes, validateConfig } from "../../src/services/tunnel-config.ts";
import { TUNNEL_ID } from "./exposure-sample.ts";
import type { Laws } from "./model-laws.ts";
import {
  INSTALLATION,
  idealApplication,
  idealRecord,
  isTaken,
  TEAM,
  visit,
  type World,
  writeDocument,
  ZONE_ID,
} from "./model-world.ts";

export type Trouble = "none" | "lost-request" | "lost-answer" | "denied";

export const UNREADABLE = ["applications", "records", "connectors", "tunnel"] as const;
export type Unreadable = (typeof UNREADABLE)[number];

/** One process of the bot: what befalls its calls, and whether it still lives. */
export type Life = {
  /** What cannot be read all along. */
  unreadable?: Unreadable;
  /** Nobody knows the Access team's name. */
  teamless?: boolean;
  /** Throws Crash when the process is dead, or dies at this very call. */
  beat(): void;
  trouble(): Trouble;
};

export class Crash extends Error {}

export const HARMLESS: Life = { beat: () => {}, trouble: () => "none" };

type Tools = {
  world: World;
  laws: Laws;
  life: Life;
  targets: () => Target[];
  proofs: number;
  now: () => Date;
};

export function createVendors(tools: Tools): EdgeTools {
  const { world, life } = tools;
  return {
    access: createAccess(tools),
    dns: createDns(tools),
    tunnels: createTunnels(tools),
    zones: {
      idsOf: async (names) => new Map(names.map((name) => [name, ZONE_ID])),
      idFor: async (hostname) => (isTaken(hostname) ? zoneTaken() : ZONE_ID),
    },
    visitor: {
      visit: async ({ hostname, aud }) => {
        life.beat();
        if (life.trouble() !== "none")
          return { kind: "inconclusive", status: null, because: "no answer in time" };
        const verdict = visit(world, hostname, aud);
        const visited = tools.targets().find((each) => each.hostname === hostname);
        if (verdict.kind === "stopped" && visited) tools.laws.held.delete(visited.exposureId);
        return verdict;
      },
    },
    installation: INSTALLATION,
    now: tools.now,
    team: () => (life.teamless ? unknownTeam() : TEAM),
    visitTokenId: null,
    proof: { visits: tools.proofs, intervalMs: 0 },
  };
}

function zoneTaken(): never {
  throw failure("denied", "zone-taken");
}

function unknownTeam(): never {
  throw failure("retry", "unknown-team");
}

async function call<T>({ life }: Tools, effect: () => T): Promise<T> {
  life.beat();
  const trouble = life.trouble();
  if (trouble === "lost-request") throw failure("retry", "lost");
  if (trouble === "denied") throw failure("denied", "denied");
  const result = effect();
  if (trouble === "lost-answer") throw failure("retry", "lost");
  return result;
}

async function read<T>(tools: Tools, what: Unreadable, effect: () => T): Promise<T> {
  if (tools.life.unreadable === what) throw failure("denied", "unreadable");
  return await call(tools, effect);
}

function failure(kind: FailureKind, code: string): ServiceFailure {
  return new ServiceFailure({
    kind,
    vendor: "cloudflare",
    operation: "model",
    code,
    message: `It is ${code}.`,
  });
}

function createAccess(tools: Tools): EdgeTools["access"] {
  const { world, laws } = tools;
  const exposureOf = (id: string) =>
    world.applications.find((each) => each.id === id)?.mark?.exposureId ?? "";
  return {
    applicationLimit: 500,
    listApplications: () => read(tools, "applications", () => structuredClone(world.applications)),
    hasApplication: (id) => call(tools, () => world.applications.some((each) => each.id === id)),
    listGroups: () => call(tools, () => []),
    listIdentityProviders: () => call(tools, () => []),
    ensureTag: async () => {},
    organization: async () => ({ team: TEAM, denyUnmatched: false }),
    recentLogins: async () => ({ logins: [], from: null }),
    ensureApplication: (want) => call(tools, () => ensureApplication(tools, want)),
    revokeTokens: (id) =>
      call(tools, () => {
        if (!world.applications.some((each) => each.id === id)) return;
        laws.watch({ kind: "revoke", exposureId: exposureOf(id), id }, () => void world.revoked.add(id));
      }),
    removeApplication: (id) =>
      call(tools, () => {
        if (!world.applications.some((each) => each.id === id)) return;
        laws.watch({ kind: "remove-application", exposureId: exposureOf(id), id }, () => {
          world.applications = world.applications.filter((each) => each.id !== id);
        });
      }),
  };
}

function ensureApplication(tools: Tools, want: EnsureApplication): Application {
  const { world } = tools;
  const { exposureId } = want.mark;
  const ours = (each: Application) => each.mark?.exposureId === exposureId;
  const stored = world.applications.find((each) => each.id === want.existingId);
  const found = stored ?? world.applications.find(ours);
  if (!found && world.applications.some((each) => each.destinations.includes(want.hostname)))
    throw failure("conflict", "not-ours");
  const target = tools.targets().find((each) => each.exposureId === exposureId)!;
  const serial = ++world.serial;
  const ideal = found
    ? idealApplication(target, found.id, found.aud)
    : idealApplication(target, `app-${serial}`, `aud-${serial}`);
  if (JSON.stringify(found) === JSON.stringify(ideal)) return structuredClone(ideal);
  tools.laws.watch({ kind: "application", exposureId }, () => {
    if (found) world.applications = world.applications.map((each) => (each === found ? ideal : each));
    else world.applications.push(ideal);
    world.auds.set(exposureId, [...new Set([...(world.auds.get(exposureId) ?? []), ideal.aud])]);
  });
  return structuredClone(ideal);
}

function createDns(tools: Tools): EdgeTools["dns"] {
  const { world, laws } = tools;
  const isMarked = (each: World["records"][number]) => each.mark?.installation === INSTALLATION;
  const ensureRecord = (want: EnsureRecord) => {
    const standing = world.records.filter((each) => each.name === want.hostname);
    const isOurs = (each: World["records"][number]) =>
      isMarked(each) &&
      (each.mark?.exposureId === want.mark.exposureId || each.content === tunnelAddress(want.tunnelId));
    if (standing.length > 1 || !standing.every(isOurs)) throw failure("conflict", "taken");
    const target = tools.targets().find((each) => each.exposureId === want.mark.exposureId)!;
    const ideal = idealRecord(target, standing[0]?.id ?? `record-${++world.serial}`);
    if (JSON.stringify(standing[0]) !== JSON.stringify(ideal))
      laws.watch({ kind: "record", exposureId: target.exposureId }, () => {
        world.records = [...world.records.filter((each) => each !== standing[0]), ideal];
      });
    return ideal;
  };
  const removeRecord = ({ id, expect }: RemoveRecord) => {
    const found = world.records.find((each) => each.id === id);
    if (!found) return;
    if (found.mark?.exposureId !== expect.mark.exposureId || found.content !== expect.content)
      throw failure("conflict", "taken");
    laws.watch({ kind: "remove-record", exposureId: expect.mark.exposureId }, () => {
      world.records = world.records.filter((each) => each !== found);
    });
  };
  return {
    listZones: async () => [{ id: ZONE_ID, name: "lakeside.example", nameServers: [] }],
    listMarked: () =>
      read(tools, "records", () =>
        structuredClone(world.records.filter((each) => isMarked(each) && !isTaken(each.name))),
      ),
    at: (hostname) =>
      call(tools, () => structuredClone(world.records.filter((each) => each.name === hostname))),
    answering: (hostname) =>
      call(tools, () => structuredClone(world.records.filter((each) => each.name === hostname))),
    ensureRecord: (want) => call(tools, () => ensureRecord(want)),
    removeRecord: (record) => call(tools, () => removeRecord(record)),
  };
}

function createTunnels(tools: Tools): EdgeTools["tunnels"] {
  const { world } = tools;
  const tunnel = () => ({
    id: TUNNEL_ID,
    name: "bridge",
    remotelyManaged: world.remotelyManaged,
    status: "healthy" as const,
  });
  const connectors = () =>
    world.connectors.map(({ id, version }) => ({
      id,
      configVersion: version,
      version: "2026.11.0",
      openedAt: null,
      connections: [],
    }));
  return {
    getTunnel: () => read(tools, "tunnel", tunnel),
    list: () => call(tools, () => [tunnel()]),
    readConfig: () => call(tools, () => world.config),
    connectors: () => read(tools, "connectors", connectors),
    putRoutes: async (_, change) => {
      const document = documentAfter(change);
      if (!(await change.fence())) return null;
      return await call(tools, () => {
        if (isSame(document, world.config.raw)) return { config: world.config, connectors: null };
        if (change.base.version !== world.config.version) throw failure("conflict", "moved");
        tools.laws.watch({ kind: "put" }, () => writeDocument(world, document));
        return { config: world.config, connectors: connectors() };
      });
    },
  };
}

function documentAfter(change: RoutesChange): Rule["raw"] {
  const remove = (rule: Rule) => change.remove.some((each) => isSame(each.raw, rule.raw));
  const merge = { add: change.add, remove };
  const document = mergeRoutes(change.base, merge);
  if (isSame(document, change.base.raw)) return document;
  if (clashesOf(change.base, merge).length > 0) throw failure("conflict", "taken");
  if (validateConfig(document).length > 0) throw failure("conflict", "invalid");
  return document;
}
