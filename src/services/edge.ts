// Access, DNS, the tunnel and the visit from outside as one: what is observed on a tunnel, and how a step is carried out.

import { judgeGate } from "../domain/gate.ts";
import {
  type Application,
  type Connector,
  type DnsRecord,
  isMadeFor,
  type Observed,
  type Tunnel,
  type TunnelConfig,
} from "../domain/observed.ts";
import type { Step, Target } from "../domain/plan.ts";
import type { Progress } from "../domain/progress.ts";
import type { EdgeTools, One, Outcome, Pass } from "./edge-pass.ts";
import { proveClosed, proveGate, proveOpen } from "./edge-proof.ts";
import { addRoutes, awaitConnectors, endRoutes, removeRoutes } from "./edge-routes.ts";
import { isServiceFailure, orMissing, ServiceFailure } from "./failure.ts";

export type Edge = ReturnType<typeof createEdge>;

/** `unread`: hostnames whose records the token may not see, with the fault. A zone may have been taken from it. */
export type Look = Observed & { unread: Map<string, ServiceFailure> };

export function createEdge(tools: EdgeTools) {
  return {
    /** `known`: applications that must be among those of the account, by id. */
    observe: (tunnelId: string, zones: string[], hostnames: string[], known: string[]) =>
      observe(tools, tunnelId, zones, hostnames, known),
    apply: (step: Step, pass: Pass) => apply(tools, step, pass),
    /** For targets that are to be closed, where not everything could be observed: taking a route out needs the tunnel's
     *  configuration alone. Those without a route have no outcome. */
    endRoutes: (tunnelId: string, targets: Target[], writes: Pass["writes"]) =>
      endRoutes(tools, tunnelId, targets, writes),
    /** One anonymous visit before the route, for an exposure whose gate and record are known to stand. */
    proveGate: async (target: Target): Promise<Outcome> =>
      ({ ...(await proveGate(tools, target, null)), exposureId: target.exposureId }) as Outcome,
  };
}

async function observe(
  tools: EdgeTools,
  tunnelId: string,
  zones: string[],
  hostnames: string[],
  known: string[],
): Promise<Look> {
  const { access, dns, tunnels } = tools;
  const zoneIds = await tools.zones.idsOf(zones);
  const marked = dns.listMarked([...zoneIds.values()]);
  const unread: Look["unread"] = new Map();
  const asked = Promise.all(hostnames.map((hostname) => recordsAt(tools, hostname, unread)));
  const [tunnel, config, connectors, applications, groups, identityProviders, ours, others] =
    await Promise.all([
      orMissing(tunnels.getTunnel(tunnelId)),
      orMissing(tunnels.readConfig(tunnelId)),
      orMissing(tunnels.connectors(tunnelId)),
      access.listApplications(),
      access.listGroups(),
      access.listIdentityProviders(),
      marked,
      asked,
    ]);
  await refuseShortList(tools, applications, known);
  const records = new Map([...ours, ...others.flat()].map((record) => [record.id, record]));
  return {
    ...standingOf(tunnelId, tunnel, config, connectors),
    applications,
    groups,
    identityProviders,
    records: [...records.values()],
    unread,
  };
}

async function recordsAt(
  { dns, zones }: EdgeTools,
  hostname: string,
  unread: Look["unread"],
): Promise<DnsRecord[]> {
  const asked = zones.idFor(hostname).then((zoneId) => dns.at(hostname, zoneId));
  return await asked.catch((error: unknown) => {
    if (!isServiceFailure(error) || error.kind !== "denied") throw error;
    unread.set(hostname, error);
    return [];
  });
}

/** A tunnel is gone when it says so itself, or when neither it nor anything of it is known any more: one answer that
 *  something is missing may be a mistake. */
function standingOf(
  id: string,
  tunnel: Tunnel | null,
  config: TunnelConfig | null,
  connectors: Connector[] | null,
): Pick<Observed, "tunnel" | "config" | "connectors"> {
  if (tunnel && !tunnel.gone && config && connectors) return { tunnel, config, connectors };
  const gone = tunnel ? tunnel.gone === true : !config && !connectors;
  if (!gone) throw notWhole("cfd_tunnel.get", "Cloudflare says that a part of the tunnel is missing.");
  const nothing = { id, name: id, remotelyManaged: false, gone: true, status: "down" as const };
  return { tunnel: tunnel ?? nothing, config: { version: 0, rules: [], raw: {} }, connectors: [] };
}

/** A list that leaves out what we know is not believed before that was asked for by its id: on an empty list by mistake
 *  every route would go, or one come behind somebody else's gate that it does not show. */
async function refuseShortList(tools: EdgeTools, listed: Application[], known: string[]): Promise<void> {
  for (const id of known.filter((each) => !listed.some((one) => one.id === each)))
    if (await tools.access.hasApplication(id))
      throw notWhole(
        "access.apps.list",
        "Cloudflare's list of Access applications leaves out one that stands.",
      );
}

function notWhole(operation: string, message: string): ServiceFailure {
  return new ServiceFailure({ kind: "retry", vendor: "cloudflare", operation, code: "not-whole", message });
}

/** A step that serves one exposure. */
type Single = Extract<Step, { exposureIds: [string] }>;

type Removal = Extract<Single["kind"], "remove-record" | "revoke-tokens" | "remove-application">;

async function apply(tools: EdgeTools, step: Step, pass: Pass): Promise<Outcome[]> {
  const targets = step.exposureIds.flatMap((id) => pass.targets.get(id) ?? []);
  switch (step.kind) {
    case "remove-routes":
      return await removeRoutes(tools, pass, targets);
    case "add-routes":
      return await addRoutes(tools, pass, targets);
    case "await-connectors":
      return await awaitConnectors(tools, pass, targets);
    default: {
      const [target] = targets;
      return target
        ? [{ ...(await applyOne(tools, step, pass, target)), exposureId: target.exposureId } as Outcome]
        : [];
    }
  }
}

async function applyOne(tools: EdgeTools, step: Single, pass: Pass, target: Target): Promise<One> {
  switch (step.kind) {
    case "refuse":
      return { kind: "refused", because: step.because };
    case "ensure-application":
      return await ensureApplication(tools, pass, target);
    case "ensure-record":
      return await ensureRecord(tools, target, pass.tunnelId);
    case "prove-gate":
      return lookAgain(pass, target, await proveGate(tools, target, pass.observed));
    case "prove-open":
      return await proveOpen(tools, target);
    case "prove-closed":
      return await proveClosed(tools, target, pass.observed);
    case "await-clearance":
      return {
        kind: "wait",
        waiting:
          "A route that Drawbridge did not make still leads this hostname to a service. Its Access application stays until that route is gone.",
        afterMs: null,
      };
    case "remove-record":
    case "revoke-tokens":
    case "remove-application":
      return await takeDown(tools, step.kind, pass, target);
    // Nothing at the vendors: whoever applied the steps records it.
    case "settle-open":
    case "settle-closed":
      return { kind: "done" };
  }
}

/** Before a route comes to rest on it, our application was seen in the account's list, and with it whatever else stands
 *  there: one that was made in this pass calls for another. */
function lookAgain(pass: Pass, { progress }: Target, proved: One): One {
  if (proved.kind !== "done" || pass.listed.has(progress.applicationId ?? "")) return proved;
  return { kind: "wait", waiting: null, afterMs: 0, progress: proved.progress };
}

const LATE_WRITE =
  "A write to the tunnel whose answer was lost may still arrive. Its Access application stays until it cannot.";

async function takeDown(tools: EdgeTools, kind: Removal, pass: Pass, target: Target): Promise<One> {
  const applications = pass.observed.applications.filter((each) => isMadeFor(target.exposureId, each));
  if (kind === "remove-record") {
    const records = pass.observed.records.filter((each) => isMadeFor(target.exposureId, each));
    for (const { id, zoneId, mark, content } of records)
      if (mark) await tools.dns.removeRecord({ id, zoneId, expect: { mark, content } });
    return { kind: "done", step: "record-removed" };
  }
  if (kind === "revoke-tokens") {
    await Promise.all(applications.map((each) => tools.access.revokeTokens(each.id)));
    return { kind: "done", step: "tokens-revoked" };
  }
  kind satisfies "remove-application";
  // By what was so before this pass looked: what lands between that look and now would not be seen.
  const { lateUntil } = pass.writes;
  const late = lateUntil && Math.max(lateUntil.getTime() - tools.now().getTime(), 0);
  if (late !== null) return { kind: "wait", waiting: LATE_WRITE, afterMs: late };
  await Promise.all(applications.map((each) => tools.access.removeApplication(each.id)));
  return { kind: "done", step: "application-removed" };
}

async function ensureApplication(tools: EdgeTools, pass: Pass, target: Target): Promise<One> {
  const standing = pass.observed.applications.find((each) => isMadeFor(target.exposureId, each));
  const application = await tools.access.ensureApplication({
    hostname: target.hostname,
    mark: { installation: tools.installation, exposureId: target.exposureId, until: null },
    audience: target.gate.audience,
    sessionMinutes: target.gate.sessionMinutes,
    visitTokenId: tools.visitTokenId,
    existingId: standing?.id ?? null,
    known: pass.observed.applications,
  });
  pass.observed.applications = [
    ...pass.observed.applications.filter((each) => each.id !== application.id),
    application,
  ];
  const want = { ...target.gate, visitTokenId: tools.visitTokenId };
  const weak = judgeGate(want, pass.observed.applications).filter((each) => each.severity === "weak");
  const progress = progressWith(target.progress, application);
  if (weak.length === 0) return { kind: "done", progress, step: "application" };
  return {
    kind: "wait",
    waiting: "Cloudflare shows another Access application than the one that was written. Nothing is routed.",
    afterMs: null,
    progress,
  };
}

function progressWith(progress: Progress, application: Application): Partial<Progress> {
  const { id, aud } = application;
  const applicationIds = [...new Set([...progress.applicationIds, id])];
  const auds = [...new Set([...progress.auds, aud])];
  return { applicationId: id, applicationIds, aud, auds, gateProofs: 0 };
}

async function ensureRecord(tools: EdgeTools, target: Target, tunnelId: string): Promise<One> {
  await tools.dns.ensureRecord({
    hostname: target.hostname,
    zoneId: await tools.zones.idFor(target.hostname),
    tunnelId,
    mark: { installation: tools.installation, exposureId: target.exposureId, until: target.until },
  });
  return { kind: "done", step: "record" };
}
