// Exposures read back from the marks that they left at Cloudflare, for a store that was lost. What is whole goes on to its
// end, proved anew from outside; what is past its end, or not whole, is closed.
import { type Audience, isEmptyAudience, type Selector } from "./audience.ts";
import { type CloseReason, type Exposure, newExposure, type Person } from "./exposure.ts";
import { peoplesPolicies } from "./gate.ts";
import {
  type Application,
  type DnsRecord,
  isMadeFor,
  type Observed,
  type Rule,
  tunnelLedTo,
} from "./observed.ts";
import { type Policy, ruleFor, zonesOn } from "./policy.ts";
import type { CloudRunService } from "./service.ts";

/** What is missing for it to stay open. */
export type Gap = "end" | "application" | "record" | "route" | "audience" | "service";

/** `gap` is null where it stays open to its end, or closes because that end is past. */
export type Adopted = { exposure: Exposure; gap: Gap | null };

/** Something that looks like ours and that nothing can be made of. `tunnelId`: where its record leads; null where there is
 *  none. */
export type Unread =
  | { what: string; why: "no-hostname" | "route-without-application" }
  | { what: string; why: "on-no-tunnel"; tunnelId: string | null };

/** What was found at Cloudflare and Google. */
export type Found = {
  /** Each of the policy's tunnels, with every application of the account and every record that carries our mark. */
  tunnels: Observed[];
  services: CloudRunService[];
};

type Asking = { policy: Policy; owner: Person; now: Date };

/** What stands for one exposure. */
type Pieces = {
  exposureId: string;
  hostname: string;
  /** Null where neither a route nor the record leads to one of the policy's. */
  tunnelId: string | null;
  application: Application | null;
  auds: string[];
  record: DnsRecord | null;
  route: Rule | null;
};

type OnTunnel = Pieces & { tunnelId: string };

export function readBack(found: Found, asking: Asking): { adopted: Adopted[]; unread: Unread[] } {
  const { installation } = asking.policy;
  const [observed] = found.tunnels;
  const marked = [...(observed?.applications ?? []), ...found.tunnels.flatMap((each) => each.records)];
  const ids = new Set(
    marked.flatMap(({ mark }) => (mark?.installation === installation ? [mark.exposureId] : [])),
  );
  const pieces = [...ids].map((id) => piecesOf(id, found));
  const nameless = pieces.filter(({ hostname }) => hostname === "");
  const named = pieces.filter(({ hostname }) => hostname !== "");
  return {
    adopted: named.filter(isOnTunnel).map((each) => adopt(each, found.services, asking)),
    unread: [
      ...nameless.map(({ exposureId }) => ({ what: exposureId, why: "no-hostname" as const })),
      ...named.filter((each) => !isOnTunnel(each)).map(elsewhere),
      ...strayRoutes(found, asking.policy),
    ],
  };
}

/** Its route may stand on a tunnel that was not looked at: closed on another, it would lose its gate and keep its road. */
function isOnTunnel(pieces: Pieces): pieces is OnTunnel {
  return pieces.tunnelId !== null;
}

function elsewhere({ hostname, record }: Pieces): Unread {
  return { what: hostname, why: "on-no-tunnel", tunnelId: record && tunnelLedTo(record) };
}

function piecesOf(exposureId: string, { tunnels }: Found): Pieces {
  const applications = (tunnels[0]?.applications ?? []).filter((each) => isMadeFor(exposureId, each));
  const record = tunnels.flatMap((each) => each.records).find((each) => isMadeFor(exposureId, each));
  const auds = applications.map((each) => each.aud);
  const routes = tunnels.flatMap(({ tunnel, config }) =>
    config.rules
      .filter((rule) => rule.lock?.audTag.some((aud) => auds.includes(aud)))
      .map((rule) => ({ rule, tunnelId: tunnel.id })),
  );
  const [route] = routes;
  const led = record && tunnels.find(({ tunnel }) => tunnel.id === tunnelLedTo(record))?.tunnel.id;
  return {
    exposureId,
    hostname: applications[0]?.destinations[0] ?? record?.name ?? "",
    tunnelId: route?.tunnelId ?? led ?? null,
    application: applications.length === 1 ? (applications[0] ?? null) : null,
    auds,
    record: record ?? null,
    route: routes.length === 1 ? (route?.rule ?? null) : null,
  };
}

/** Locked routes in our zones whose application is gone: cloudflared refuses everybody there, but nobody takes them away. */
function strayRoutes({ tunnels }: Found, policy: Policy): Unread[] {
  const auds = new Set((tunnels[0]?.applications ?? []).map((each) => each.aud));
  return tunnels.flatMap(({ tunnel, config }) =>
    config.rules
      .filter(({ hostname, lock }) => lock && zoneOf(hostname ?? "", policy, tunnel.id) !== null)
      .filter(({ lock }) => !lock?.audTag.some((aud) => auds.has(aud)))
      .map(({ hostname }) => ({ what: hostname ?? "", why: "route-without-application" as const })),
  );
}

function zoneOf(hostname: string, policy: Policy, tunnelId: string): string | null {
  return zonesOn(policy, tunnelId).find((zone) => hostname.endsWith(`.${zone}`)) ?? null;
}

function adopt(pieces: OnTunnel, services: CloudRunService[], asking: Asking): Adopted {
  const { policy, now } = asking;
  const until = pieces.record?.mark?.until ?? null;
  const audience = pieces.application ? audienceOf(pieces.application, policy.visitTokenId) : null;
  const service = services.find((each) => each.url !== null && each.url === pieces.route?.service) ?? null;
  const zone = zoneOf(pieces.hostname, policy, pieces.tunnelId);
  const gap = gapIn(pieces, until, audience, service);
  const ended = until !== null && until <= now;
  const exposure = exposureOf(pieces, { audience, service, until, zone }, asking);
  if (gap === null && !ended) return { exposure, gap };
  return { exposure: closing(exposure, ended ? "ended" : "drift", now), gap: ended ? null : gap };
}

function gapIn(
  { application, record, route }: Pieces,
  until: Date | null,
  audience: Audience | null,
  service: CloudRunService | null,
): Gap | null {
  if (!record) return "record";
  if (!until) return "end";
  if (!application) return "application";
  if (!route) return "route";
  if (!audience) return "audience";
  return service ? null : "service";
}

type Read = {
  audience: Audience | null;
  service: CloudRunService | null;
  until: Date | null;
  zone: string | null;
};

/** Opening, not open: it is said to be open once it was seen from outside, and its end stays what it was. */
function exposureOf(pieces: OnTunnel, { audience, service, until, zone }: Read, asking: Asking): Exposure {
  const { policy, owner, now } = asking;
  const minutes = minutesOf(pieces.application, until, now);
  const known = service ?? unknownService(pieces);
  const requested = newExposure({
    id: pieces.exposureId,
    service: known,
    hostname: pieces.hostname,
    zone: zone ?? pieces.hostname.slice(pieces.hostname.indexOf(".") + 1),
    tunnelId: pieces.tunnelId,
    audience: audience ?? NOBODY,
    requester: owner,
    reason: "Read back from Cloudflare after the store was lost.",
    minutes,
    untilClosed: false,
    approvalsNeeded: ruleFor(policy, known)?.approvals ?? 1,
    requestedAt: now,
    lapsesAt: now,
    remindAt: null,
  });
  const { application, auds } = pieces;
  const applicationIds = application ? [application.id] : [];
  const marks = { applicationId: application?.id ?? null, applicationIds, aud: auds[0] ?? null, auds };
  // Who approved it, and when, is lost.
  return {
    ...requested,
    phase: "opening",
    approvedMinutes: minutes,
    openedAt: now,
    endsAt: until ?? now,
    until: until ?? now,
    progress: { ...requested.progress, ...marks, since: now },
  };
}

/** A log-in may last as long as the exposure, a day at the most: the gate in force says no less than was approved. */
function minutesOf(application: Application | null, until: Date | null, now: Date): number {
  const left = until ? Math.ceil((until.getTime() - now.getTime()) / 60_000) : 0;
  return Math.max(1, application?.sessionMinutes ?? 0, left);
}

function closing(exposure: Exposure, because: CloseReason, at: Date): Exposure {
  return { ...exposure, phase: "closing", endsAt: at, closing: { because, by: null, detail: null, at } };
}

const NOBODY: Audience = {
  name: "unknown",
  emailDomains: [],
  emails: [],
  accessGroups: [],
  idpGroups: [],
  loginMethods: [],
};

function unknownService({ hostname, route }: Pieces): CloudRunService {
  return {
    project: "unknown",
    region: "unknown",
    name: hostname.split(".")[0] ?? hostname,
    url: route?.service ?? null,
    ingress: "none",
    invoker: "unknown",
    defaultUrlDisabled: false,
    description: "",
  };
}

/** Null where the policy is not one that we write. */
function audienceOf(application: Application, visitTokenId: string | null): Audience | null {
  const { loginMethods } = application;
  const [policy, ...more] = peoplesPolicies(application, { visitTokenId });
  if (!policy || more.length > 0 || policy.decision !== "allow") return null;
  if (policy.require.length + policy.exclude.length > 0) return null;
  const name = policy.name.replace(/^Drawbridge: /, "");
  const audience = policy.include.reduce<Audience | null>(add, { ...NOBODY, name, loginMethods });
  return audience && !isEmptyAudience(audience) ? audience : null;
}

function add(audience: Audience | null, selector: Selector): Audience | null {
  if (!audience) return null;
  switch (selector.kind) {
    case "email":
      return { ...audience, emails: [...audience.emails, selector.email] };
    case "email-domain":
      return { ...audience, emailDomains: [...audience.emailDomains, selector.domain] };
    case "access-group":
      return { ...audience, accessGroups: [...audience.accessGroups, selector.id] };
    case "idp-group": {
      const { kind: _, ...group } = selector;
      return { ...audience, idpGroups: [...audience.idpGroups, group] };
    }
    default:
      return null;
  }
}
