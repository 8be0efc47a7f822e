// Judges Cloudflare's side: the API token, the account's safety net, tunnels and their connectors.
import { CONNECTIONS } from "./diagnosis/facts.ts";
import { isOutdated } from "./diagnosis/standing.ts";
import type { TokenRight, TokenStanding, TokenVisit } from "./doctor-facts.ts";
import { expiryStage } from "./expiry.ts";
import { type Finding, fail, pass, unseen, warn } from "./finding.ts";
import type { ConnectorDetails, Tunnel } from "./observed.ts";

const DAY_MS = 24 * 60 * 60_000;
const TOKENS_PAGE = "Cloudflare's dashboard, Manage Account, Account API Tokens (or My Profile, API Tokens)";

export function judgeToken({ status, expiresAt }: TokenStanding, at: Date): Finding {
  const renew = `Make a new token (${TOKENS_PAGE}), store it as CLOUDFLARE_API_TOKEN and restart the bot.`;
  if (status !== "active") return fail("cloudflare-token", null, `The API token is ${status}.`, renew);
  if (!expiresAt) return pass("cloudflare-token", null, "The API token is active and does not expire.");
  const day = expiresAt.toISOString().slice(0, 10);
  const days = Math.max(0, Math.floor((expiresAt.getTime() - at.getTime()) / DAY_MS));
  const evidence = `The API token is active until ${day}, for ${days} more ${days === 1 ? "day" : "days"}.`;
  return expiryStage(expiresAt, at) === null
    ? pass("cloudflare-token", null, evidence)
    : warn("cloudflare-token", null, evidence, renew);
}

export function judgeRights(rights: TokenRight[]): Finding {
  const missing = rights.flatMap(({ permission, looked }) =>
    looked.ok ? [] : [`${permission} (${looked.because})`],
  );
  if (missing.length === 0)
    return pass(
      "cloudflare-rights",
      null,
      `The API token reaches ${rights.map((each) => each.permission).join(", ")}.`,
    );
  const remedy = `Give the token these permissions on the account, and Zone Read and DNS Edit on the policy's zones: ${TOKENS_PAGE}.`;
  return fail("cloudflare-rights", null, `Cloudflare refused: ${missing.join("; ")}.`, remedy);
}

/** Read, never switched on: it blocks every public site of the account that has no application. */
export function judgeDenyUnmatched(on: boolean): Finding {
  if (on)
    return pass(
      "access-deny-unmatched",
      null,
      "The account blocks every hostname without an Access application.",
    );
  return warn(
    "access-deny-unmatched",
    null,
    "A hostname of the account without an Access application is public: there is no net below Drawbridge's own order.",
    "Consider Zero Trust, Settings, Require Access protection. Exempt zones with public sites first: it blocks those too. Drawbridge never changes it.",
  );
}

/** Service tokens live for a year, where nobody chose otherwise. */
export function judgeVisit(visit: TokenVisit | null): Finding {
  if (!visit)
    return unseen("visit-token", null, "Nothing is open where the token of VISIT_CLIENT_ID could be tried.");
  const { hostname, outcome } = visit;
  if (outcome === "taken")
    return pass("visit-token", null, `Access took the service token of VISIT_CLIENT_ID at ${hostname}.`);
  if (outcome === "unproved")
    return unseen("visit-token", null, `A visit to ${hostname} did not tell whether Access takes the token.`);
  return warn(
    "visit-token",
    null,
    `Access did not take the service token of VISIT_CLIENT_ID: a visit to ${hostname} was refused, so that no visit sees what is behind Access.`,
    "Look at it in Zero Trust, Access controls, Service credentials. Refresh one that has expired. VISIT_CLIENT_SECRET has to be its secret, and visits.serviceToken in the policy its id; for a new one see docs/security.md.",
  );
}

export function judgeManaged({ name, remotelyManaged }: Tunnel): Finding {
  if (remotelyManaged) return pass("tunnel-managed", name, "It takes its configuration from Cloudflare.");
  return fail(
    "tunnel-managed",
    name,
    "It is configured by a local file, which Drawbridge cannot change.",
    "Migrate it to remote management in Cloudflare's dashboard: Zero Trust, Networks, Connectors, the tunnel.",
  );
}

export function judgeConnectors(name: string, connectors: ConnectorDetails[], at: Date): Finding[] {
  const [first] = connectors;
  if (!first)
    return [
      fail(
        "tunnel-connectors",
        name,
        "No connector is running.",
        "Look at the worker pool and its log: npm run diagnose reads it.",
      ),
    ];
  const few = connectors.filter(({ connections }) => connections.length < CONNECTIONS);
  return [countOf(name, connectors.length, few), versionsOf(name, connectors, at)];
}

function countOf(name: string, count: number, few: ConnectorDetails[]): Finding {
  const [worse] = few;
  if (worse)
    return warn(
      "tunnel-connectors",
      name,
      `${few.length} of ${count} connectors ${few.length === 1 ? "has" : "have"} fewer than ${CONNECTIONS} connections: ${worse.id.slice(0, 8)} has ${worse.connections.length}.`,
      "One that has just started needs a minute. Otherwise read its log with npm run diagnose.",
    );
  if (count === 1)
    return warn(
      "tunnel-connectors",
      name,
      "One connector: every restart of it is an outage.",
      "Run two: the worker pool's manual instance count.",
    );
  return pass(
    "tunnel-connectors",
    name,
    `${count} connectors, each with ${CONNECTIONS} connections or more.`,
  );
}

function versionsOf(name: string, connectors: ConnectorDetails[], at: Date): Finding {
  const versions = [...new Set(connectors.map(({ version }) => version || "unknown"))].sort();
  const remedy = "Run one version everywhere, pinned by the image's tag: the worker pool's container.";
  if (versions.length > 1)
    return warn("connector-versions", name, `Its connectors run ${versions.join(" and ")}.`, remedy);
  const [version = ""] = versions;
  if (isOutdated(version, at))
    return warn("connector-versions", name, `${version} is more than a year old.`, remedy);
  return pass("connector-versions", name, `Every connector runs ${version}.`);
}
