// Cloudflare tunnels: what they are, who is connected, and their routes. A tunnel's configuration is one document that
// others write too, and its PUT has no precondition: read, merge, write, read again, and say so when it moved.
import type {
  ConnectorDetails,
  EdgeConnection,
  Route,
  Rule,
  Tunnel,
  TunnelConfig,
} from "../domain/observed.ts";
import { type CallOptions, type CloudflareClient, READ } from "./cloudflare-client.ts";
import { conflict, mayHaveHappened, mayStillHappen, nonsense } from "./cloudflare-failure.ts";
import { isRecord } from "./json.ts";
import {
  byWriters,
  type ConfigDocument,
  clashesOf,
  differenceOf,
  isSame,
  type Merge,
  mergeRoutes,
  parseConfig,
  validateConfig,
} from "./tunnel-config.ts";

export type RoutesChange = {
  /** Read just now: it is not read again before the write. */
  base: TunnelConfig;
  add: Route[];
  /** Rules of `base`, by identity of their letters. */
  remove: Rule[];
  /** Called just before the write; false stops it. */
  fence: () => Promise<boolean>;
  /** Called once the write was answered by whoever carries it out, or is seen to stand: it cannot be carried out later. */
  answered: () => Promise<void>;
  /** Called when somebody else's write is found to have come between our reading, our write and our reading it back. */
  crossed: (crossing: CrossedWrite) => Promise<void>;
};

/** `overwritten`: theirs came before ours, which knew nothing of it. Cloudflare takes no precondition and gives no older
 *  version back, so it can be told, and not restored. */
export type CrossedWrite = { base: TunnelConfig; found: TunnelConfig; overwritten: boolean };

export type Tunnels = {
  getTunnel(id: string): Promise<Tunnel>;
  list(): Promise<Tunnel[]>;
  readConfig(id: string): Promise<TunnelConfig>;
  connectors(id: string): Promise<ConnectorDetails[]>;
  /** Adds and removes routes in one write. Conflicts: `moved` (somebody else wrote at the same time: read again and start
   *  over), `taken` (somebody else's route), `invalid`. Null when the fence stopped it. */
  putRoutes(id: string, change: RoutesChange): Promise<Written | null>;
};

/** What stands after a write, and the connectors as they were read beside it; null where they could not be, or nothing had
 *  to be written. */
export type Written = { config: TunnelConfig; connectors: ConnectorDetails[] | null };

/** Shorter than any job's lease, so that a write that hangs cannot land under the next holder. */
const PUT_TIMEOUT_MS = 8_000;
/** Longer than an index of Cloudflare stays behind; should a version ever start over, it is believed after this. */
const MEMORY_MS = 10 * 60_000;
const PUT = "cfd_tunnel.configurations.update";
/** As many as an account may have, so that one call lists them. */
const MOST_TUNNELS = 1000;

export function createTunnels(options: {
  client: CloudflareClient;
  accountId: string;
  putTimeoutMs?: number;
}): Tunnels {
  const { client } = options;
  const account = { account_id: options.accountId };
  const tunnels = client.api.zeroTrust.tunnels.cloudflared;
  const putTimeoutMs = options.putTimeoutMs ?? PUT_TIMEOUT_MS;

  async function getTunnel(id: string): Promise<Tunnel> {
    const operation = "cfd_tunnel.get";
    const wire = await client.call(operation, (each) => tunnels.get(wanted(id), account, each), READ);
    return parseTunnel(operation, wire);
  }

  async function list(): Promise<Tunnel[]> {
    const operation = "cfd_tunnel.list";
    const wire = await client.list(operation, MOST_TUNNELS, (page, each) =>
      // Deleted tunnels are listed too unless told otherwise.
      tunnels.list({ ...account, ...page, is_deleted: false }, each),
    );
    return wire.map((each) => parseTunnel(operation, each));
  }

  async function connectors(id: string): Promise<ConnectorDetails[]> {
    const operation = "cfd_tunnel.connections.get";
    const read = (each: CallOptions) => tunnels.connections.get(wanted(id), account, each);
    const wire: unknown = await client.call(operation, read, READ);
    if (!Array.isArray(wire)) throw nonsense(operation);
    return wire.map((each) => parseConnector(operation, each));
  }

  const configuration = createConfiguration({ client, account, putTimeoutMs, connectors });
  return { getTunnel, list, connectors, ...configuration };
}

function createConfiguration(options: {
  client: CloudflareClient;
  account: { account_id: string };
  putTimeoutMs: number;
  connectors: Tunnels["connectors"];
}): Pick<Tunnels, "readConfig" | "putRoutes"> {
  const { client, account, putTimeoutMs, connectors } = options;
  const { configurations } = client.api.zeroTrust.tunnels.cloudflared;
  const seen = new Map<string, { at: number; config: TunnelConfig }>();

  async function readConfig(id: string): Promise<TunnelConfig> {
    const operation = "cfd_tunnel.configurations.get";
    const before = seen.get(id);
    const read = (each: CallOptions) => configurations.get(wanted(id), account, each);
    const config = parseConfig(await client.call(operation, read, READ));
    if (config === null) throw nonsense(operation);
    const fresh = before && performance.now() - before.at < MEMORY_MS;
    if (fresh && contradicts(config, before.config)) throw nonsense(operation);
    if (seen.get(id) === before) seen.set(id, { at: performance.now(), config });
    return config;
  }

  /** Null when it was answered; the fault when it may have happened all the same. */
  async function put(id: string, document: ConfigDocument): Promise<unknown> {
    // The SDK's type wants a hostname on every rule, which the catch-all must not have, and knows no `warp-routing`.
    const body = { ...account, config: document } as Parameters<typeof configurations.update>[1];
    const write = (each: CallOptions) => configurations.update(wanted(id), body, each);
    try {
      await client.call(PUT, write, { timeoutMs: putTimeoutMs });
      return null;
    } catch (error) {
      if (mayHaveHappened(error)) return error;
      throw error;
    }
  }

  async function putRoutes(id: string, change: RoutesChange): Promise<Written | null> {
    const merge: Merge = { add: change.add, remove: (rule) => isAmong(rule, change.remove) };
    const document = mergeRoutes(change.base, merge);
    if (isSame(document, change.base.raw)) return { config: change.base, connectors: null };
    refuseBadDocument(change, merge, document);
    if (!(await change.fence())) return null;
    const lost = await put(id, document).catch(async (error: unknown) => {
      await change.answered();
      throw error;
    });
    if (!mayStillHappen(lost)) await change.answered();
    const [read, taken] = await Promise.allSettled([readConfig(id), connectors(id)]);
    if (read.status === "rejected") throw read.reason;
    const after = read.value;
    // It may still land: whoever builds on its absence has to wait for longer than its time limit.
    if (lost !== null && after.version === change.base.version) throw lost;
    await judgeAfter(change, document, after);
    if (mayStillHappen(lost)) await change.answered();
    return { config: after, connectors: taken.status === "fulfilled" ? taken.value : null };
  }

  return { readConfig, putRoutes };
}

/** A version does not go back, and one version is one document, as far as somebody wrote it: an answer that says otherwise, an
 *  empty one above all, must not become the base of the next write. */
function contradicts(now: TunnelConfig, before: TunnelConfig): boolean {
  if (now.version < before.version) return true;
  return now.version === before.version && !isSame(byWriters(now.raw), byWriters(before.raw));
}

function refuseBadDocument(change: RoutesChange, merge: Merge, document: ConfigDocument): void {
  const [clash] = clashesOf(change.base, merge);
  if (clash !== undefined) {
    throw conflict(PUT, "taken", `Somebody else's route for ${clash} stands in the tunnel's configuration.`);
  }
  // What stood before is not ours to judge: cloudflared may well serve what we take for wrong.
  const [problem] = validateConfig(document, new Set(change.base.rules.map((rule) => rule.raw)));
  if (problem !== undefined) {
    throw conflict(PUT, "invalid", `cloudflared would refuse the tunnel's configuration: ${problem}.`);
  }
}

/** There must stand the next version, and by its meaning exactly what was written. */
async function judgeAfter(
  { base, add, crossed }: RoutesChange,
  document: ConfigDocument,
  found: TunnelConfig,
): Promise<void> {
  const next = base.version + 1;
  const difference = differenceOf(document, found, add);
  const how =
    found.version === next ? difference : `version ${found.version} stands there instead of ${next}`;
  if (how === null) return;
  if (found.version > next) await crossed({ base, found, overwritten: difference === null });
  throw conflict(PUT, "moved", `Somebody else changed the tunnel's configuration at the same time: ${how}.`);
}

function isAmong(rule: Rule, rules: Rule[]): boolean {
  return rules.some((each) => isSame(each.raw, rule.raw));
}

/** An empty id would turn the address into the collection's. */
function wanted(id: string): string {
  if (id === "") throw conflict("cfd_tunnel", "no-id", "A tunnel without an id was asked for.");
  return id;
}

function parseTunnel(operation: string, wire: unknown): Tunnel {
  if (!isRecord(wire) || typeof wire.id !== "string" || typeof wire.name !== "string")
    throw nonsense(operation);
  const status = STATUSES.find((each) => each === wire.status);
  if (!status) throw nonsense(operation);
  // `remote_config` is the older name of the same fact.
  const remotelyManaged =
    wire.config_src === undefined ? wire.remote_config === true : wire.config_src === "cloudflare";
  const gone = typeof wire.deleted_at === "string" ? { gone: true } : {};
  return { id: wire.id, name: wire.name, remotelyManaged, ...gone, status };
}

const STATUSES = ["inactive", "healthy", "degraded", "down"] as const;

function parseConnector(operation: string, wire: unknown): ConnectorDetails {
  if (!isRecord(wire) || typeof wire.id !== "string") throw nonsense(operation);
  return {
    id: wire.id,
    configVersion: typeof wire.config_version === "number" ? wire.config_version : null,
    version: typeof wire.version === "string" ? wire.version : "",
    openedAt: dateOf(wire.run_at),
    connections: Array.isArray(wire.conns) ? wire.conns.filter(isRecord).map(parseConnection) : [],
  };
}

function parseConnection(wire: Record<string, unknown>): EdgeConnection {
  return { colo: typeof wire.colo_name === "string" ? wire.colo_name : "" };
}

function dateOf(wire: unknown): Date | null {
  const read = typeof wire === "string" ? new Date(wire) : null;
  return read === null || Number.isNaN(read.getTime()) ? null : read;
}
