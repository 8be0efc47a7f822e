// Cloudflare Access: the applications that gate hostnames, one of ours for each exposure, and what they refer to.
import type { LoginLog } from "../domain/logins.ts";
import type { AccessGroup, Application, IdentityProvider } from "../domain/observed.ts";
import { createApplications, type EnsureApplication, readApplication } from "./access-application.ts";
import { createLogins } from "./access-logins.ts";
import { parseGroup, parseIdentityProvider, TAG, textOf } from "./access-wire.ts";
import { type CallOptions, type CloudflareClient, READ } from "./cloudflare-client.ts";
import { nonsense } from "./cloudflare-failure.ts";
import { isServiceFailure, orMissing } from "./failure.ts";
import { isRecord } from "./json.ts";

export type Access = {
  /** Of an account. https://developers.cloudflare.com/cloudflare-one/account-limits/ */
  applicationLimit: number;
  listApplications(): Promise<Application[]>;
  /** Asked by its id, whatever a list says. */
  hasApplication(id: string): Promise<boolean>;
  listGroups(): Promise<AccessGroup[]>;
  listIdentityProviders(): Promise<IdentityProvider[]>;
  /** An application can only carry a tag that exists. */
  ensureTag(): Promise<void>;
  /** Makes it, or puts it right, and returns what stands there when read back: the caller judges that. */
  ensureApplication(want: EnsureApplication): Promise<Application>;
  removeApplication(id: string): Promise<void>;
  revokeTokens(id: string): Promise<void>;
  /** `team` is `<team>` of `<team>.cloudflareaccess.com`. */
  organization(): Promise<{ team: string; denyUnmatched: boolean }>;
  /** Log-ins that Access let in, by the last thousand lines of the account's log; null where they cannot be read.
   *  Asked anew unless `maxAgeMs` allows an older answer. */
  recentLogins(options?: { maxAgeMs?: number }): Promise<LoginLog | null>;
};

/** The API answers 25 at a time unless asked; no document names a maximum. One that gives fewer at once is read all the same. */
const PER_PAGE = 200;
const TEAM_DOMAIN = ".cloudflareaccess.com";

type Options = { client: CloudflareClient; accountId: string; installation: string };

export function createAccess(options: Options): Access {
  const { client } = options;
  const account = { account_id: options.accountId };
  const access = client.api.zeroTrust.access;

  async function listApplications(): Promise<Application[]> {
    const operation = "access.apps.list";
    const wire = await client.list(operation, PER_PAGE, (page, each) =>
      access.applications.list({ ...account, ...page }, each),
    );
    return wire.map((each) => readApplication(operation, each));
  }

  async function listGroups(): Promise<AccessGroup[]> {
    const wire = await client.list("access.groups.list", PER_PAGE, (page, each) =>
      access.groups.list({ ...account, ...page }, each),
    );
    return wire.map(parseGroup);
  }

  async function listIdentityProviders(): Promise<IdentityProvider[]> {
    const wire = await client.list("access.identity_providers.list", PER_PAGE, (page, each) =>
      client.api.zeroTrust.identityProviders.list({ ...account, ...page }, each),
    );
    return wire.map(parseIdentityProvider);
  }

  return {
    applicationLimit: 500,
    listApplications,
    listGroups,
    listIdentityProviders,
    ...createOrganization(options),
    ...createLogins(options),
    ...createApplications(options),
  };
}

function createOrganization({ client, accountId }: Options): Pick<Access, "organization" | "ensureTag"> {
  const account = { account_id: accountId };
  const { access, organizations } = client.api.zeroTrust;

  async function organization(): Promise<{ team: string; denyUnmatched: boolean }> {
    const operation = "access.organizations.get";
    const wire: unknown = await client.call(operation, (each) => organizations.list(account, each), READ);
    const domain = isRecord(wire) ? textOf(wire.auth_domain) : "";
    if (!isRecord(wire) || !domain.endsWith(TEAM_DOMAIN)) throw nonsense(operation);
    return {
      team: domain.slice(0, -TEAM_DOMAIN.length),
      denyUnmatched: wire.deny_unmatched_requests === true,
    };
  }

  async function ensureTag(): Promise<void> {
    const create = (each: CallOptions) => access.tags.create({ ...account, name: TAG }, each);
    const read = (each: CallOptions) => access.tags.get(TAG, account, each);
    try {
      await client.call("access.tags.create", create);
    } catch (error) {
      if (!isServiceFailure(error) || error.kind !== "conflict") throw error;
      // No document says by which status a second one is refused: only what stands there decides.
      if ((await orMissing(client.call("access.tags.get", read, READ))) === null) throw error;
    }
  }

  return { organization, ensureTag };
}
