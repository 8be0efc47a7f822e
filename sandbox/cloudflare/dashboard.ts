// Others' hands in Cloudflare's dashboard: they change the account without going through the API, so neither the
// journal nor the faults know of them.
import type { CloudflareEmulator } from "../contract.ts";
import type { Account } from "./account.ts";
import { buildApplication, buildPolicy } from "./applications.ts";
import type { Connector, Connectors, NewConnector } from "./connectors.ts";
import type { EdgeView } from "./edge-view.ts";
import type { Holes } from "./holes.ts";
import { buildRecord } from "./records.ts";
import type { ApiLimits } from "./router.ts";
import type { Group, Json, State, Tunnel } from "./state.ts";

export type Dashboard = Pick<
  CloudflareEmulator,
  | "putConfig"
  | "addApplication"
  | "editApplication"
  | "deleteApplication"
  | "addRecord"
  | "deleteRecord"
  | "editRecord"
  | "editTunnel"
  | "deleteTunnel"
  | "putInFront"
  | "putSite"
  | "setConnectors"
  | "setPropagation"
> & {
  setConnectorDelay(ms: number): void;
  /** One more replica; with `drives` it is a process of its own that reports for itself. */
  attachConnector(tunnelId: string, connector?: NewConnector): Connector;
  /** A reusable policy; answers its id. */
  addPolicy(policy: Json): string;
  editPolicy(id: string, policy: Json): void;
  setGroup(group: Group): void;
  /** Changes the organization, for instance `deny_unmatched_requests`. */
  setOrganization(change: Json): void;
  /** Gives the Access team another name: every log-in and every token is of that one from now on. */
  renameTeam(name: string): void;
  /** Which groups a person is in at the identity provider. */
  setDirectory(email: string, groups: string[]): void;
  setApiLimits(change: Partial<ApiLimits>): void;
};

export type DashboardParts = {
  state: State;
  account: Account;
  view: EdgeView;
  connectors: Connectors;
  limits: ApiLimits;
  holes: Holes;
  now: () => Date;
};

export function createDashboard(parts: DashboardParts): Dashboard {
  const { state, account } = parts;

  function tunnelOf(tunnelId: string): Tunnel {
    const tunnel = state.tunnels.get(tunnelId);
    if (!tunnel) throw new Error(`no tunnel ${tunnelId} in the sandbox`);
    return tunnel;
  }

  function writeApplication(body: Json, id?: string): string {
    const before = id === undefined ? null : (state.applications.get(id) ?? null);
    if (id !== undefined && !before) throw new Error(`no application ${id} in the sandbox`);
    const built = buildApplication(
      state,
      { type: "self_hosted", ...before?.body, ...body },
      before,
      parts.now(),
      Infinity,
    );
    if ("refused" in built) throw new Error(built.refused[2]);
    account.putApplication(built.application, built.ownPolicies);
    return built.application.id;
  }

  return {
    putConfig(tunnelId, config) {
      account.putConfig(tunnelOf(tunnelId), structuredClone(config));
    },
    addApplication: (application) => writeApplication(structuredClone(application)),
    editApplication(id, change) {
      writeApplication(structuredClone(change), id);
    },
    deleteApplication: account.removeApplication,
    addPolicy(body) {
      const built = buildPolicy(structuredClone(body), null, true, parts.now());
      if ("refused" in built) throw new Error(built.refused[2]);
      account.putPolicy(built.policy);
      return built.policy.id;
    },
    editPolicy(id, body) {
      const before = state.policies.get(id);
      if (!before?.reusable) throw new Error(`no reusable policy ${id} in the sandbox`);
      const built = buildPolicy(structuredClone(body), before, true, parts.now());
      if ("refused" in built) throw new Error(built.refused[2]);
      account.putPolicy(built.policy);
    },
    addRecord(zoneId, body) {
      const zone = state.zones.find((each) => each.id === zoneId);
      if (!zone) throw new Error(`no zone ${zoneId} in the sandbox`);
      const built = buildRecord(state, zone, structuredClone(body), null, parts.now());
      if ("refused" in built) throw new Error(built.refused[2]);
      account.putRecord(built.record);
      return built.record.id;
    },
    deleteRecord(_zoneId, id) {
      account.removeRecord(id);
    },
    editRecord(zoneId, id, change) {
      const zone = state.zones.find((each) => each.id === zoneId);
      const before = state.records.get(id);
      if (!zone || !before) throw new Error(`no record ${id} in the sandbox`);
      const built = buildRecord(
        state,
        zone,
        { ...before.body, ...structuredClone(change) },
        before,
        parts.now(),
      );
      if ("refused" in built) throw new Error(built.refused[2]);
      account.putRecord(built.record);
    },
    editTunnel(tunnelId, change) {
      account.putTunnel({ ...tunnelOf(tunnelId), ...change });
    },
    deleteTunnel(tunnelId) {
      parts.connectors.setCount(tunnelOf(tunnelId), 0);
      account.putTunnel({ ...tunnelOf(tunnelId), deletedAt: parts.now().toISOString() });
    },
    putInFront(hostname, answer) {
      if (answer) state.inFront.set(hostname, answer);
      else state.inFront.delete(hostname);
    },
    putSite(address, answer) {
      if (answer) state.sites.set(address, answer);
      else state.sites.delete(address);
    },
    setConnectors(tunnelId, count) {
      parts.connectors.setCount(tunnelOf(tunnelId), count);
    },
    attachConnector: (tunnelId, connector) => parts.connectors.attach(tunnelOf(tunnelId), connector),
    setConnectorDelay: parts.connectors.setDelay,
    setPropagation: parts.view.setDelay,
    setGroup(group) {
      state.groups = [...state.groups.filter((each) => each.id !== group.id), group];
      parts.holes.judgeAll();
    },
    setOrganization(change) {
      state.organization = { ...state.organization, ...change };
      parts.holes.judgeAll();
    },
    renameTeam(name) {
      state.team = name;
      state.organization = { ...state.organization, auth_domain: `${name}.cloudflareaccess.com` };
      parts.holes.judgeAll();
    },
    setDirectory(email, groups) {
      state.directory.set(email.toLowerCase(), groups);
    },
    setApiLimits(change) {
      Object.assign(parts.limits, change);
    },
  };
}
