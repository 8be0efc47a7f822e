// Who came in through Access, by the account's log of log-ins. A permission of its own, that an installation may do without.
import type { LoginLog } from "../domain/logins.ts";
import type { Access } from "./access.ts";
import { textOf } from "./access-wire.ts";
import { type CallOptions, type CloudflareClient, READ } from "./cloudflare-client.ts";
import { nonsense } from "./cloudflare-failure.ts";
import { isServiceFailure } from "./failure.ts";
import { isRecord } from "./json.ts";
import { lastKnown } from "./remembered.ts";

const LOG_LINES = 1000;
const OPERATION = "access.logs.access_requests";

type Options = { client: CloudflareClient; accountId: string };

export function createLogins({ client, accountId }: Options): Pick<Access, "recentLogins"> {
  async function readLog(): Promise<LoginLog | null> {
    const { accessRequests } = client.api.zeroTrust.access.logs;
    // No filter by application is documented.
    const query = { account_id: accountId, direction: "desc" as const, limit: LOG_LINES };
    const read = (each: CallOptions) => accessRequests.list(query, each);
    try {
      return logOf(await client.call(OPERATION, read, READ));
    } catch (error) {
      if (isServiceFailure(error) && error.kind === "denied") return null;
      throw error;
    }
  }

  const known = lastKnown(readLog, { mayPass: () => false });
  return { recentLogins: (age) => known("", age) };
}

/** An answer that is full may leave out what came before its oldest line, whoever that is about. */
function logOf(wire: unknown): LoginLog | null {
  if (!Array.isArray(wire)) throw nonsense(OPERATION);
  const read = wire.filter(isRecord).map((each) => ({ each, at: new Date(textOf(each.created_at)) }));
  // A line without a time is no reason to keep a card from being drawn.
  const lines = read.filter(({ at }) => !Number.isNaN(at.getTime()));
  const granted = lines.filter(({ each }) => each.allowed === true);
  const logins = granted.map(({ each, at }) => ({
    applicationId: textOf(each.app_uid),
    email: textOf(each.user_email),
    at,
  }));
  if (wire.length < LOG_LINES) return { logins, from: null };
  const oldest = Math.min(...lines.map(({ at }) => at.getTime()));
  return lines.length > 0 ? { logins, from: new Date(oldest) } : null;
}
