// The API token itself: whether Cloudflare takes it, and until when.
import type { TokenStanding } from "../domain/doctor-facts.ts";
import { type CloudflareClient, READ } from "./cloudflare-client.ts";
import { nonsense } from "./cloudflare-failure.ts";
import { isServiceFailure } from "./failure.ts";
import { isRecord } from "./json.ts";

export type TokenCheck = { verify(): Promise<TokenStanding> };

/** A token belongs to the account or to a person; only the page of its owner knows it. */
export function createTokenCheck({
  client,
  accountId,
}: {
  client: CloudflareClient;
  accountId: string;
}): TokenCheck {
  const { accounts, user } = client.api;
  const ofAccount = () =>
    client.call(
      "accounts.tokens.verify",
      (each) => accounts.tokens.verify({ account_id: accountId }, each),
      READ,
    );
  const ofUser = () => client.call("user.tokens.verify", (each) => user.tokens.verify(each), READ);
  return {
    async verify() {
      try {
        return standingOf("accounts.tokens.verify", await ofAccount());
      } catch (error) {
        if (!isServiceFailure(error) || error.kind === "retry") throw error;
        return standingOf("user.tokens.verify", await ofUser());
      }
    },
  };
}

function standingOf(operation: string, wire: unknown): TokenStanding {
  if (!isRecord(wire) || typeof wire.status !== "string") throw nonsense(operation);
  const expiresAt = typeof wire.expires_on === "string" ? new Date(wire.expires_on) : null;
  if (expiresAt && Number.isNaN(expiresAt.getTime())) throw nonsense(operation);
  return { status: wire.status, expiresAt };
}
