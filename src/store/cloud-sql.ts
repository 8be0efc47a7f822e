// Cloud SQL through Google's own connector: TLS to the instance and a log-in by IAM, with no password to keep anywhere.
import { AuthTypes, Connector, IpAddressTypes } from "@google-cloud/cloud-sql-connector";
import type { AuthClient } from "google-auth-library";
import type pg from "pg";
import { inTime } from "../time-limit.ts";

export type CloudSqlLocation = {
  /** `project:region:instance` */
  instance: string;
  /** The database user: a service account's email without `.gserviceaccount.com`. */
  user: string;
  database: string;
  address: "private" | "public" | "psc";
};

/** For tests: where the Admin API is, and who asks. Unset: Google's, with the identity that the environment gives. */
export type CloudSqlEndpoint = { adminUrl: string; auth: AuthClient };

const ADDRESS_TYPES = {
  private: IpAddressTypes.PRIVATE,
  public: IpAddressTypes.PUBLIC,
  psc: IpAddressTypes.PSC,
} as const;

const METADATA_TIMEOUT_MS = 20_000;

/** Asks the Admin API where the instance is and for a certificate; the connector renews both by itself. */
export async function connectCloudSql(
  { instance, user, database, address }: CloudSqlLocation,
  endpoint?: CloudSqlEndpoint,
): Promise<{ connection: pg.ClientConfig; close(): void }> {
  const connector = new Connector(
    endpoint ? { sqlAdminAPIEndpoint: endpoint.adminUrl, auth: endpoint.auth } : {},
  );
  const asked = connector.getOptions({
    instanceConnectionName: instance,
    ipType: ADDRESS_TYPES[address],
    authType: AuthTypes.IAM,
  });
  // Nothing is open when this fails, and closing a connector that failed rejects where nobody can catch it (1.13.0).
  const options = await inTime(asked, METADATA_TIMEOUT_MS, () => {
    throw new Error(
      `the Cloud SQL Admin API said nothing of ${instance} for ${METADATA_TIMEOUT_MS / 1000} s`,
    );
  });
  return { connection: { ...options, user, database }, close: () => connector.close() };
}
