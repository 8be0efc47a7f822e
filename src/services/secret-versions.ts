// Versions of one secret, written by set-up and rotation. Values go in and are compared; they never come out.
import { Status } from "google-gax";
import { isServiceFailure, orMissing } from "./failure.ts";
import { callGoogle, type GoogleCall, type GoogleClients } from "./google-clients.ts";
import { dateOf, lastPart } from "./google-wire.ts";

/** `projects/P/secrets/S`, by its parts. */
export type SecretRef = { project: string; secret: string };

export type SecretVersion = { version: string; createdAt: Date };

export type SecretVersions = {
  /** Enabled versions, newest first; null where there is no such secret. */
  listEnabled(ref: SecretRef): Promise<SecretVersion[] | null>;
  /** Whether this version holds exactly this value. */
  holds(ref: SecretRef, version: string, value: string): Promise<boolean>;
  /** Made once; one that is there stays as it is. */
  ensureSecret(ref: SecretRef): Promise<void>;
  /** Answers the new version's number. */
  addVersion(ref: SecretRef, value: string): Promise<string>;
  disableVersion(ref: SecretRef, version: string): Promise<void>;
};

export type SecretOptions = { clients: GoogleClients; timeoutMs: number };

export function createSecretVersions(options: SecretOptions): SecretVersions {
  const { clients } = options;
  const call = (operation: string, ref: SecretRef, right: string) => callOn(operation, ref, right, options);
  return {
    listEnabled: (ref) => orMissing(listEnabled(ref, options)),
    async holds(ref, version, value) {
      const [answer] = await callGoogle(
        clients,
        call("AccessSecretVersion", ref, "roles/secretmanager.secretAccessor"),
        clients.secrets,
        (secrets, each) => secrets.accessSecretVersion({ name: `${nameOf(ref)}/versions/${version}` }, each),
      );
      return Buffer.from(answer.payload?.data ?? "").equals(Buffer.from(value));
    },
    async ensureSecret(ref) {
      const request = {
        parent: `projects/${ref.project}`,
        secretId: ref.secret,
        secret: { replication: { automatic: {} } },
      };
      const told = {
        ...call("CreateSecret", ref, "roles/secretmanager.admin on the project"),
        conflict: `Google would not make the secret ${ref.secret} in ${ref.project}. Most likely an organization policy (constraints/gcp.resourceLocations) allows none that is replicated everywhere. Name the places that it allows, then go on: gcloud secrets create ${ref.secret} --project=${ref.project} --replication-policy=user-managed --locations=REGION`,
      };
      try {
        await callGoogle(clients, told, clients.secrets, (secrets, each) =>
          secrets.createSecret(request, each),
        );
      } catch (error) {
        // Somebody made it in between, or an answer of ours was lost. Other conflicts are an organization policy's.
        if (!isServiceFailure(error) || error.code !== Status.ALREADY_EXISTS) throw error;
      }
    },
    async addVersion(ref, value) {
      const request = { parent: nameOf(ref), payload: { data: Buffer.from(value) } };
      const told = call("AddSecretVersion", ref, "roles/secretmanager.secretVersionAdder");
      const [made] = await callGoogle(clients, told, clients.secrets, (secrets, each) =>
        secrets.addSecretVersion(request, each),
      );
      return lastPart(made.name) ?? "";
    },
    async disableVersion(ref, version) {
      const request = { name: `${nameOf(ref)}/versions/${version}` };
      const told = call("DisableSecretVersion", ref, "roles/secretmanager.secretVersionManager");
      await callGoogle(clients, told, clients.secrets, (secrets, each) =>
        secrets.disableSecretVersion(request, each),
      );
    },
  };
}

export function callOn(
  operation: string,
  { project, secret }: SecretRef,
  right: string,
  { timeoutMs }: SecretOptions,
): GoogleCall {
  return {
    operation: `secretmanager.${operation}`,
    subject: `the secret ${secret} of ${project}`,
    denied: `You may not do that to the secret ${secret} of ${project}. It takes ${right}.`,
    missing: `There is no secret ${secret} in ${project}.`,
    timeoutMs,
  };
}

async function listEnabled(ref: SecretRef, options: SecretOptions): Promise<SecretVersion[]> {
  const call = callOn("ListSecretVersions", ref, "roles/secretmanager.viewer", options);
  const found: SecretVersion[] = [];
  let pageToken = "";
  do {
    const request = { parent: nameOf(ref), filter: "state:ENABLED", pageToken };
    const [items, , response] = await callGoogle(
      options.clients,
      call,
      options.clients.secrets,
      (secrets, each) => secrets.listSecretVersions(request, { ...each, autoPaginate: false }),
    );
    const enabled = items.filter(({ state }) => state === "ENABLED" || state === 1);
    for (const { name, createTime } of enabled)
      found.push({ version: lastPart(name) ?? "", createdAt: dateOf(createTime) ?? new Date(0) });
    pageToken = response?.nextPageToken ?? "";
  } while (pageToken);
  return found.sort((one, other) => Number(other.version) - Number(one.version));
}

export function nameOf({ project, secret }: SecretRef): string {
  return `projects/${project}/secrets/${secret}`;
}
