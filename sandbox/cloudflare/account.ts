// Every write to the account, whether by the API or by others' hands in the dashboard: state first, then the history,
// then the edge and the connectors after their delays.
import { publicUris, targetsOf } from "./access-match.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { Connectors } from "./connectors.ts";
import type { EdgeView, Update } from "./edge-view.ts";
import type { History } from "./history.ts";
import type { Holes } from "./holes.ts";
import { routeChanges } from "./ingress.ts";
import type { Application, DnsRecord, Json, Policy, State, Tunnel } from "./state.ts";

export type Account = {
  /** Creates or replaces an application together with the policies that are its own. */
  putApplication(application: Application, ownPolicies: Policy[]): void;
  removeApplication(id: string): void;
  revokeTokens(id: string): void;
  putPolicy(policy: Policy): void;
  removePolicy(id: string): void;
  applicationsUsing(policyId: string): Application[];
  putRecord(record: DnsRecord): void;
  removeRecord(id: string): void;
  putConfig(tunnel: Tunnel, config: Json): Tunnel;
  putTunnel(tunnel: Tunnel): void;
};

export type AccountParts = {
  state: State;
  view: EdgeView;
  connectors: Connectors;
  tokens: AccessTokens;
  history: History;
  holes: Holes;
  now: () => Date;
};

export function createAccount(parts: AccountParts): Account {
  const { state, view, history, holes } = parts;

  function publish(updates: Update[], hostnames: string[]): void {
    holes.judge(hostnames);
    view.publish(updates, () => {
      holes.judge(hostnames);
      // A record decides how far a wildcard record reaches, so other names may come to life with it or end.
      if (updates.some((update) => update.kind === "record") && hasWildcardRecord()) holes.judgeAll();
      for (const hostname of hostnames) history.tell({ kind: "propagated", hostname });
    });
  }

  function hasWildcardRecord(): boolean {
    return [...state.records.values()].some((record) => record.name.startsWith("*."));
  }

  function putApplication(application: Application, ownPolicies: Policy[]): void {
    const before = state.applications.get(application.id);
    const dropped = (before?.policyIds ?? []).filter((id) => {
      return state.policies.get(id)?.reusable === false && !application.policyIds.includes(id);
    });
    for (const policy of ownPolicies) state.policies.set(policy.id, policy);
    for (const id of dropped) state.policies.delete(id);
    state.applications.set(application.id, application);
    const hostnames = hostsOf(before, application);
    for (const hostname of hostnames) {
      const what = before ? "access application changed" : "access application created";
      history.record(hostname, what, detailOf(application));
    }
    publish(
      [
        { kind: "application", id: application.id, value: application },
        ...ownPolicies.map((policy): Update => ({ kind: "policy", id: policy.id, value: policy })),
        ...dropped.map((id): Update => ({ kind: "policy", id, value: null })),
      ],
      hostnames,
    );
  }

  function removeApplication(id: string): void {
    const application = state.applications.get(id);
    if (!application) return;
    state.applications.delete(id);
    const own = application.policyIds.filter((policyId) => state.policies.get(policyId)?.reusable === false);
    for (const policyId of own) state.policies.delete(policyId);
    const hostnames = hostsOf(application);
    for (const hostname of hostnames)
      history.record(hostname, "access application removed", detailOf(application));
    publish(
      [
        { kind: "application", id, value: null },
        ...own.map((policyId): Update => ({ kind: "policy", id: policyId, value: null })),
      ],
      hostnames,
    );
  }

  function revokeTokens(id: string): void {
    const application = state.applications.get(id);
    if (!application) return;
    const hostnames = hostsOf(application);
    for (const hostname of hostnames) history.record(hostname, "tokens revoked", detailOf(application));
    publish([{ kind: "revocation", id, value: parts.tokens.lastSerial() }], hostnames);
  }

  function applicationsUsing(policyId: string): Application[] {
    return [...state.applications.values()].filter((application) => application.policyIds.includes(policyId));
  }

  function putPolicy(policy: Policy): void {
    state.policies.set(policy.id, policy);
    const hostnames = applicationsUsing(policy.id).flatMap((application) => hostsOf(application));
    for (const hostname of hostnames)
      history.record(hostname, "access application changed", policyDetail(policy));
    publish([{ kind: "policy", id: policy.id, value: policy }], hostnames);
  }

  function removePolicy(id: string): void {
    state.policies.delete(id);
    publish([{ kind: "policy", id, value: null }], []);
  }

  function putRecord(record: DnsRecord): void {
    const before = state.records.get(record.id);
    state.records.set(record.id, record);
    const hostnames = [...new Set([record.name, ...(before ? [before.name] : [])])];
    const what = before ? "dns record changed" : "dns record created";
    for (const hostname of hostnames) history.record(hostname, what, `${record.type} ${record.content}`);
    publish([{ kind: "record", id: record.id, value: record }], hostnames);
  }

  function removeRecord(id: string): void {
    const record = state.records.get(id);
    if (!record) return;
    state.records.delete(id);
    history.record(record.name, "dns record removed", `${record.type} ${record.content}`);
    publish([{ kind: "record", id, value: null }], [record.name]);
  }

  function putConfig(tunnel: Tunnel, config: Json): Tunnel {
    const configuredAt = parts.now().toISOString();
    const next: Tunnel = {
      ...tunnel,
      config,
      configSrc: "cloudflare",
      version: tunnel.version + 1,
      configuredAt,
    };
    state.tunnels.set(tunnel.id, next);
    for (const change of routeChanges(tunnel.config, config)) {
      history.record(change.hostname, change.what, change.detail);
    }
    parts.connectors.push(next);
    return next;
  }

  return {
    putApplication,
    removeApplication,
    revokeTokens,
    putPolicy,
    removePolicy,
    applicationsUsing,
    putRecord,
    removeRecord,
    putConfig,
    putTunnel(tunnel) {
      state.tunnels.set(tunnel.id, tunnel);
      history.tell({ kind: "tunnel changed" });
    },
  };
}

function hostsOf(...applications: (Application | undefined)[]): string[] {
  return [
    ...new Set(applications.flatMap((each) => (each ? targetsOf(each) : [])).map((target) => target.host)),
  ];
}

function detailOf(application: Application): string {
  return publicUris(application).join(" ");
}

function policyDetail(policy: Policy): string {
  return `policy ${String(policy.body.name ?? policy.id)}`;
}
