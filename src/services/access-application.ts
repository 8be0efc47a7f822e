// Our Access application in front of one hostname: made once, put right in place, never a second one, and never
// somebody else's.
import { letsInExactly } from "../domain/gate.ts";
import type { Application } from "../domain/observed.ts";
import {
  applicationName,
  applicationToWire,
  parseApplication,
  sessionOf,
  type WantedApplication,
} from "./access-wire.ts";
import { type CallOptions, type CloudflareClient, READ } from "./cloudflare-client.ts";
import { conflict, mayHaveHappened, nonsense } from "./cloudflare-failure.ts";
import { isServiceFailure, orMissing, type ServiceFailure } from "./failure.ts";

export type EnsureApplication = WantedApplication & {
  /** The application that the store knows; null looks for one that carries our mark. */
  existingId: string | null;
  /** All applications of the account as this pass read them: saves the look-up. */
  known?: Application[];
};

export type Applications = {
  hasApplication(id: string): Promise<boolean>;
  ensureApplication(want: EnsureApplication): Promise<Application>;
  removeApplication(id: string): Promise<void>;
  revokeTokens(id: string): Promise<void>;
};

type Options = { client: CloudflareClient; accountId: string; installation: string };

export function createApplications(options: Options): Applications {
  const { installation } = options;
  const calls = createCalls(options);

  function isOurs({ mark }: Application, want: EnsureApplication): boolean {
    return mark?.installation === installation && mark.exposureId === want.mark.exposureId;
  }

  /** Ours by its mark; else whatever stands at this very hostname, which then is somebody else's. */
  function pick(candidates: Application[], want: EnsureApplication): Application | null {
    const ours = candidates.find((each) => isOurs(each, want));
    const found = ours ?? candidates.find((each) => each.destinations.includes(want.hostname)) ?? null;
    if (found && !ours) throw notOurs(found);
    return found;
  }

  async function ensureApplication(want: EnsureApplication): Promise<Application> {
    const stored = want.existingId === null ? null : await orMissing(calls.get(want.existingId));
    if (stored && !isOurs(stored, want)) throw notOurs(stored);
    const found = stored ?? pick(want.known ?? (await calls.at(want.hostname)), want);
    if (found === null) return await create(want);
    return isAsWanted(found, want) ? found : await put(found.id, want);
  }

  async function create(want: EnsureApplication): Promise<Application> {
    try {
      return await calls.get(await calls.post(want));
    } catch (error) {
      // A lost answer must not make a second one: only what stands there now decides.
      if (!isConflict(error) && !mayHaveHappened(error)) throw error;
      const found = pick(await calls.at(want.hostname), want);
      if (found === null) throw isConflict(error) ? notTaken(error, want.known?.length ?? null) : error;
      return await calls.get(found.id);
    }
  }

  async function put(id: string, want: EnsureApplication): Promise<Application> {
    const lost = await calls.put(id, want).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    if (lost && !mayHaveHappened(lost.error)) throw lost.error;
    const after = await calls.get(id);
    if (lost && !isAsWanted(after, want)) throw lost.error;
    return after;
  }

  async function removeApplication(id: string): Promise<void> {
    const found = await orMissing(calls.get(id));
    if (found === null) return;
    if (found.mark?.installation !== installation) throw notOurs(found);
    await calls.remove(id);
  }

  return { hasApplication: calls.has, ensureApplication, removeApplication, revokeTokens: calls.revoke };
}

function createCalls({ client, accountId }: Options) {
  const account = { account_id: accountId };
  const { applications } = client.api.zeroTrust.access;
  async function get(id: string): Promise<Application> {
    const read = (each: CallOptions) => applications.get(wanted(id), account, each);
    return readApplication(GET, await client.call(GET, read, READ));
  }
  return {
    get,
    has: async (id: string): Promise<boolean> => (await orMissing(get(id))) !== null,
    async at(hostname: string): Promise<Application[]> {
      const wire = await client.list("access.apps.list", 50, (page, each) =>
        applications.list({ ...account, ...page, domain: hostname, exact: true }, each),
      );
      return wire.map((each) => readApplication("access.apps.list", each));
    },
    async post(want: EnsureApplication): Promise<string> {
      const body = { ...account, ...applicationToWire(want) };
      const wire = await client.call(POST, (each) => applications.create(body, each));
      return readApplication(POST, wire).id;
    },
    async put(id: string, want: EnsureApplication): Promise<void> {
      const body = { ...account, ...applicationToWire(want) };
      await client.call("access.apps.update", (each) => applications.update(wanted(id), body, each));
    },
    async remove(id: string): Promise<void> {
      const remove = (each: CallOptions) => applications.delete(wanted(id), account, each);
      await orMissing(client.call("access.apps.delete", remove, { empty: true }));
    },
    async revoke(id: string): Promise<void> {
      const revoke = (each: CallOptions) => applications.revokeTokens(wanted(id), account, each);
      await orMissing(client.call("access.apps.revoke_tokens", revoke, { empty: true }));
    },
  };
}

const GET = "access.apps.get";
const POST = "access.apps.create";

export function readApplication(operation: string, wire: unknown): Application {
  const application = parseApplication(wire);
  if (application === null) throw nonsense(operation);
  return application;
}

/** By its meaning: a write that changes nothing is not made. */
function isAsWanted(application: Application, want: EnsureApplication): boolean {
  return (
    application.selfHosted &&
    application.name === applicationName(want.mark, want.hostname) &&
    application.destinations.join() === want.hostname &&
    application.publicPaths.length === 0 &&
    !application.optionsBypass &&
    !application.warpLogin &&
    !application.crossSiteCookie &&
    application.sessionMinutes === sessionOf(want.sessionMinutes) &&
    [...application.loginMethods].sort().join() === [...want.audience.loginMethods].sort().join() &&
    letsInExactly(application.policies, want)
  );
}

/** An empty id would turn the address into the collection's: `DELETE …/access/apps/`. */
function wanted(id: string): string {
  if (id === "") throw conflict("access.apps", "no-id", "An Access application without an id was asked for.");
  return id;
}

function notOurs(application: Application): ServiceFailure {
  const where = application.destinations.join(", ") || "its hostname";
  return conflict(
    "access.apps",
    "not-ours",
    `The Access application "${application.name}" at ${where} is not ours.`,
  );
}

/** Nothing stands at the hostname, and yet it was not taken: most likely the account is full, which only this call tells.
 *  https://developers.cloudflare.com/cloudflare-one/account-limits/ */
function notTaken(cause: unknown, standing: number | null): unknown {
  if (!isServiceFailure(cause) || cause.status === 409) return cause;
  const count = standing === null ? "" : ` The account has ${standing}.`;
  const said = `Cloudflare takes no further Access application (${cause.status}, code ${cause.code}).${count} If that is the account's limit, remove some that are no longer used or have it raised.`;
  return conflict(POST, String(cause.code), said);
}

function isConflict(error: unknown): boolean {
  return isServiceFailure(error) && error.kind === "conflict";
}
