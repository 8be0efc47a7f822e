// Secret Manager: configuration values that are references to secrets (`sm://…`), read once at start.
import { setTimeout as wait } from "node:timers/promises";
import { isServiceFailure, ServiceFailure } from "./failure.ts";
import { callGoogle, type GoogleClients } from "./google-clients.ts";

export type SecretManager = {
  /** The value of `projects/P/secrets/S[/versions/V]`; without a version the newest. */
  accessSecret(name: string): Promise<string>;
};

export type SecretManagerOptions = {
  clients: GoogleClients;
  /** For each attempt. */
  timeoutMs: number;
  /** Pauses before the further attempts. */
  pausesMs?: number[];
};

/** A value that refers to a secret, one that means to but cannot, or null for an ordinary value. */
export type SecretReference = { name: string } | { problem: string } | null;

const LONGEST_PAUSE_MS = 10_000;
const SCHEME = "sm://";
const PROJECT = "[a-z][a-z0-9.:-]*[a-z0-9]|[0-9]+";
const SECRET = "[A-Za-z0-9_-]{1,255}";
const VERSION = "latest|[1-9][0-9]*|[A-Za-z][A-Za-z0-9_-]*";
const FULL = new RegExp(`^projects/(?:${PROJECT})/secrets/${SECRET}(?:/versions/(?:${VERSION}))?$`);
const SHORT = new RegExp(`^(${SECRET})(?:/(${VERSION}))?$`);

export function createSecretManager(options: SecretManagerOptions): SecretManager {
  const pausesMs = options.pausesMs ?? [500, 2000];
  return {
    async accessSecret(name) {
      const version = name.includes("/versions/") ? name : `${name}/versions/latest`;
      // Secrets are read at start, before there is a queue to try again, and a worker pool's network may need a moment:
      // https://cloud.google.com/run/docs/configuring/workerpools/vpc-direct-vpc
      for (const pauseMs of pausesMs) {
        try {
          return await access(options, version);
        } catch (error) {
          if (!isServiceFailure(error) || error.kind !== "retry") throw error;
          await wait(Math.min(error.retryAfterMs ?? pauseMs, LONGEST_PAUSE_MS));
        }
      }
      return access(options, version);
    },
  };
}

/** Reads `sm://projects/P/secrets/S[/versions/V]` or, for the default project, `sm://S[/V]`. */
export function parseSecretReference(value: string, defaultProject: string | undefined): SecretReference {
  if (!value.startsWith(SCHEME)) return null;
  const rest = value.slice(SCHEME.length);
  if (FULL.test(rest)) return { name: rest };
  const short = SHORT.exec(rest);
  if (!short) return { problem: `${value} is neither sm://projects/P/secrets/S[/versions/V] nor sm://S[/V]` };
  if (!defaultProject) return { problem: `${value} names no project, and no default project is configured` };
  const [, secret, version] = short;
  const name = `projects/${defaultProject}/secrets/${secret}`;
  return { name: version ? `${name}/versions/${version}` : name };
}

async function access({ clients, timeoutMs }: SecretManagerOptions, version: string): Promise<string> {
  const operation = "secretmanager.AccessSecretVersion";
  const [secret = version] = version.split("/versions/");
  const call = {
    operation,
    subject: `the secret ${version}`,
    denied: `Drawbridge may not read the secret ${secret}. Grant its service account roles/secretmanager.secretAccessor on this secret.`,
    missing: `There is no secret ${version}. Create it, or add a version to it.`,
    conflict: `The secret ${version} is disabled or destroyed. Enable it, or add a new version.`,
    timeoutMs,
  };
  const [answer] = await callGoogle(clients, call, clients.secrets, (secrets, each) =>
    secrets.accessSecretVersion({ name: version }, each),
  );
  // A value piped in with `echo` ends in a newline, which no token contains.
  const value = Buffer.from(answer.payload?.data ?? "")
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (value) return value;
  throw new ServiceFailure({
    kind: "missing",
    vendor: "google",
    operation,
    message: `The secret ${version} is empty.`,
  });
}
