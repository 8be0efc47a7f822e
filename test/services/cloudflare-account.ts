// A small Cloudflare account for the service tests: the emulator, and our client on the real SDK.
import { onTestFinished } from "vitest";
import { createClock } from "../../sandbox/clock.ts";
import { type CloudflareOptions, startCloudflare } from "../../sandbox/cloudflare/index.ts";
import type { FaultRule, Seed, Shared } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { createAccess } from "../../src/services/access.ts";
import { createCloudflareClient } from "../../src/services/cloudflare-client.ts";
import { isServiceFailure, type ServiceFailure } from "../../src/services/failure.ts";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const ZONE = "fedcba9876543210fedcba9876543210";
export const SECOND_ZONE = "fedcba9876543210fedcba9876543211";
export const TUNNEL = "11111111-1111-4111-8111-111111111111";
export const LOCAL_TUNNEL = "22222222-2222-4222-8222-222222222222";
export const HOST = "billing.example.com";
export const ORIGIN_HOST = "billing-123.asia-northeast1.run.app";
export const TEAM = "lakeside";
export const MARK = { installation: "prod", exposureId: "exp-1", until: null };

const SEED: Seed["cloudflare"] = {
  accountId: ACCOUNT,
  apiToken: "sandbox-token",
  team: TEAM,
  zones: [
    { id: ZONE, name: "example.com" },
    { id: SECOND_ZONE, name: "example.net" },
  ],
  tunnels: [
    { id: TUNNEL, name: "main", connectors: 2 },
    { id: LOCAL_TUNNEL, name: "by-hand", configSrc: "local", connectors: 0 },
  ],
  groups: [{ id: "group-1", name: "Leads", include: [{ email: { email: "lee@example.com" } }] }],
  identityProviders: [
    { id: "idp-okta", name: "Okta", type: "okta" },
    { id: "idp-pin", name: "One-time PIN", type: "onetimepin" },
  ],
  propagationMs: 0,
  connectorDelayMs: 0,
};

export async function openAccount(
  change: Partial<Seed["cloudflare"]> = {},
  options: Partial<CloudflareOptions> = {},
) {
  const shared: Shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const origin = (host: string): ReturnType<CloudflareOptions["origin"]> =>
    host === ORIGIN_HOST
      ? { status: 200, headers: { "content-type": "text/plain" }, body: "billing" }
      : { status: 404, headers: { server: "Google Frontend" }, body: "404. That's an error." };
  const cloudflare = await startCloudflare(shared, { ...SEED, ...change }, { origin, ...options });
  onTestFinished(() => cloudflare.close());
  return {
    shared,
    cloudflare,
    client: clientTo(cloudflare.apiUrl),
    fail: (rule: Omit<FaultRule, "vendor">) => shared.faults.add({ vendor: "cloudflare", ...rule }),
    /** Requests that were received, such as `POST …/access/apps 201`. */
    asked: () =>
      shared.journal
        .entries()
        .filter((entry) => entry.vendor === "cloudflare")
        .map(
          ({ method, path, status }) =>
            `${method} ${path.replace(/^.*(accounts|zones)\/[0-9a-f]{32}/, "…")} ${status}`,
        ),
  };
}

export function clientTo(
  baseURL: string,
  change: Partial<Parameters<typeof createCloudflareClient>[0]> = {},
) {
  return createCloudflareClient({ apiToken: SEED.apiToken, baseURL, timeoutMs: 2000, pauseMs: 1, ...change });
}

export async function failureOf(promise: Promise<unknown>): Promise<ServiceFailure> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isServiceFailure(error)) throw new Error(`no ServiceFailure but ${error}`);
  return error;
}

export const WANT = {
  hostname: HOST,
  mark: MARK,
  audience: {
    name: "All employees",
    emailDomains: ["example.com"],
    emails: ["guest@partner.example"],
    accessGroups: ["group-1"],
    idpGroups: [{ provider: "okta" as const, providerId: "idp-okta", group: "payments" }],
    loginMethods: ["idp-okta"],
  },
  sessionMinutes: 120,
  visitTokenId: null,
  existingId: null,
};
/** As journalled, and as a fault rule's path. */
export const LIST = "GET …/access/apps 200";
export const APPS = "/access/apps$";

export async function openAccess() {
  const account = await openAccount();
  const access = createAccess({ client: account.client, accountId: ACCOUNT, installation: "prod" });
  await access.ensureTag();
  account.shared.journal.clear();
  return { ...account, access, made: () => account.cloudflare.applications() };
}
