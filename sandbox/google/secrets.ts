// Secret Manager (google.cloud.secretmanager.v1): versions, the `latest` alias, enabling and disabling, who may read.
import { createHash } from "node:crypto";
import { grpc } from "google-gax";
import type { SandboxClock } from "../contract.ts";
import { page } from "./paging.ts";
import { type Projects, projectNumber } from "./projects.ts";
import { type Message, secretProtos, timestamp } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";

const { status } = grpc;

type Version = { number: number; state: "ENABLED" | "DISABLED"; data: Buffer; createdAt: Date };
type Secret = {
  project: string;
  id: string;
  labels: unknown;
  createdAt: Date;
  versions: Version[];
  bindings: unknown[];
};

export type Secrets = {
  set(name: string, versions: string[]): void;
  /** What an instance of Cloud Run gets; null where there is no such version, or it is disabled. */
  value(name: string, version: string): string | null;
  api: Api;
};

export function createSecrets(
  seed: Record<string, string[]>,
  clock: SandboxClock,
  projects: Projects,
): Secrets {
  const secrets = new Map<string, Secret>();

  function set(name: string, versions: string[]): void {
    const match = /^projects\/([^/]+)\/secrets\/([^/]+)$/.exec(name);
    if (!match) throw new Error(`a secret is projects/P/secrets/S, not ${name}`);
    const [, project = "", id = ""] = match;
    projects.add(project);
    const secret: Secret = { project, id, labels: {}, createdAt: clock.now(), versions: [], bindings: [] };
    for (const value of versions) addVersion(secret, Buffer.from(value), clock.now());
    secrets.set(`${project}/${id}`, secret);
  }
  for (const [name, versions] of Object.entries(seed)) set(name, versions);

  function find(name: string): Secret {
    const { project, id } = secretParts(name, projects);
    const secret = secrets.get(`${project}/${id}`);
    if (secret) return secret;
    const text = `Secret [projects/${projectNumber(project)}/secrets/${id}] not found or has no versions.`;
    throw new RpcError(status.NOT_FOUND, text);
  }

  /** `latest` is the newest version, whatever its state. */
  function findVersion(name: unknown): { secret: Secret; version: Version } {
    const [secretName = "", alias = ""] = String(name).split("/versions/");
    const secret = find(secretName);
    const version =
      alias === "latest"
        ? secret.versions.at(-1)
        : secret.versions.find((each) => String(each.number) === alias);
    if (version) return { secret, version };
    throw new RpcError(status.NOT_FOUND, `Secret Version [${nameOf(secret)}/versions/${alias}] not found.`);
  }

  function setState(name: unknown, state: Version["state"]): Message {
    const { secret, version } = findVersion(name);
    version.state = state;
    return versionMessage(secret, version);
  }

  return {
    set,
    value(name, version) {
      const { project, id } = secretParts(name, projects);
      const found = secrets.get(`${project}/${id}`)?.versions.find((each) => String(each.number) === version);
      return found?.state === "ENABLED" ? found.data.toString() : null;
    },
    api: {
      root: secretProtos,
      service: "google.cloud.secretmanager.v1.SecretManagerService",
      handlers: {
        AccessSecretVersion(request) {
          const { secret, version } = findVersion(request.name);
          const name = `${nameOf(secret)}/versions/${version.number}`;
          if (version.state !== "ENABLED") {
            throw new RpcError(
              status.FAILED_PRECONDITION,
              `Secret Version [${name}] is in ${version.state} state.`,
            );
          }
          return { name, payload: { data: version.data, dataCrc32c: crc32c(version.data) } };
        },
        GetSecret: (request) => secretMessage(find(String(request.name))),
        GetSecretVersion(request) {
          const { secret, version } = findVersion(request.name);
          return versionMessage(secret, version);
        },
        ListSecretVersions(request) {
          const secret = find(String(request.parent));
          const { items, nextPageToken } = page(request, [...secret.versions].reverse());
          const versions = items.map((version) => versionMessage(secret, version));
          return { versions, nextPageToken, totalSize: secret.versions.length };
        },
        AddSecretVersion(request) {
          const secret = find(String(request.parent));
          const { data } = (request.payload ?? {}) as { data?: Uint8Array };
          if (!data?.length) throw new RpcError(status.INVALID_ARGUMENT, "Secret Payload cannot be empty.");
          return versionMessage(secret, addVersion(secret, Buffer.from(data), clock.now()));
        },
        CreateSecret(request) {
          const { project, id } = secretParts(`${request.parent}/secrets/${request.secretId}`, projects);
          if (secrets.has(`${project}/${id}`)) {
            const text = `Secret [projects/${projectNumber(project)}/secrets/${id}] already exists.`;
            throw new RpcError(status.ALREADY_EXISTS, text);
          }
          const { replication, labels } = (request.secret ?? {}) as Message;
          if (!replication) throw new RpcError(status.INVALID_ARGUMENT, "Secret replication must be set.");
          const createdAt = clock.now();
          const secret: Secret = { project, id, labels: labels ?? {}, createdAt, versions: [], bindings: [] };
          secrets.set(`${project}/${id}`, secret);
          return secretMessage(secret);
        },
        GetIamPolicy: (request) => policyMessage(find(String(request.resource))),
        SetIamPolicy(request) {
          const secret = find(String(request.resource));
          const { etag, bindings } = (request.policy ?? {}) as { etag?: Uint8Array; bindings?: unknown[] };
          if (etag?.length && !Buffer.from(etag).equals(policyMessage(secret).etag as Buffer))
            throw new RpcError(status.ABORTED, "There were concurrent policy changes. Please retry.");
          secret.bindings = bindings ?? [];
          return policyMessage(secret);
        },
        DisableSecretVersion: (request) => setState(request.name, "DISABLED"),
        EnableSecretVersion: (request) => setState(request.name, "ENABLED"),
      },
    },
  };
}

function secretParts(name: string, projects: Projects): { project: string; id: string } {
  const match = /^projects\/([^/]+)\/secrets\/([A-Za-z0-9_-]{1,255})$/.exec(name);
  if (!match) throw new RpcError(status.INVALID_ARGUMENT, `Invalid resource name: '${name}'.`);
  return { project: projects.idOf(match[1]!), id: match[2]! };
}

function addVersion(secret: Secret, data: Buffer, createdAt: Date): Version {
  const version: Version = { number: secret.versions.length + 1, state: "ENABLED", data, createdAt };
  secret.versions.push(version);
  return version;
}

/** Answers carry the project's number, whichever form the caller used. */
function nameOf(secret: Secret): string {
  return `projects/${projectNumber(secret.project)}/secrets/${secret.id}`;
}

function secretMessage(secret: Secret): Message {
  return {
    name: nameOf(secret),
    replication: { automatic: {} },
    labels: secret.labels,
    createTime: timestamp(secret.createdAt),
    etag: etagOf(secret.id),
  };
}

function policyMessage({ bindings }: Secret): Message {
  return { version: 1, bindings, etag: Buffer.from(etagOf(JSON.stringify(bindings))) };
}

function versionMessage(secret: Secret, version: Version): Message {
  return {
    name: `${nameOf(secret)}/versions/${version.number}`,
    state: version.state,
    createTime: timestamp(version.createdAt),
    replicationStatus: { automatic: {} },
    etag: etagOf(`${secret.id} ${version.number} ${version.state}`),
  };
}

function etagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("hex").slice(0, 14)}"`;
}

/** CRC-32 with the Castagnoli polynomial, which Secret Manager sends along. */
function crc32c(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
