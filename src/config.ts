// What the environment configures, secrets and addresses, read once at start; people and rules are in the policy file
// (policy-file.ts). Every problem is told together, each with what to do.
import { z } from "zod";
import { isOnCloudRun, storeProblems, storeVariables, toStoreLocation } from "./config-store.ts";
import { checked, type Environment, isYes, optional, secretsIn, written, yes } from "./config-values.ts";
import type { Level } from "./log.ts";
import type { StoreLocation } from "./store/database.ts";

/** What the environment may hold. A value `sm://<secret>[/<version>]` is read from Secret Manager before this check. */
const Known = z.object({
  SLACK_BOT_TOKEN: z
    .string({ error: "is missing: the bot token of the Slack app (xoxb-…)" })
    .startsWith("xoxb-", {
      error: "is not a bot token: it must start with xoxb-",
    }),
  SLACK_APP_TOKEN: z
    .string({ error: "is missing: an app-level token with connections:write (xapp-…)" })
    .startsWith("xapp-", { error: "is not an app-level token: it must start with xapp-" }),
  SLACK_CONNECTIONS: z.coerce.number().int().min(1).max(3).default(2),
  CLOUDFLARE_API_TOKEN: z
    .string({ error: "is missing: an API token for the account" })
    .min(1, { error: "is empty" }),
  CLOUDFLARE_ACCOUNT_ID: z
    .string({ error: "is missing: the account's id, 32 hexadecimal digits" })
    .regex(/^[0-9a-f]{32}$/, { error: "is not an account id: 32 hexadecimal digits are expected" }),
  POLICY_FILE: z.string().min(1).default("./drawbridge.yaml"),
  ...storeVariables,
  HEALTH_PORT: written.pipe(z.coerce.number<string>().int().min(0).max(65535)).default(8080),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
  PROOF_VISITS: z.coerce.number().int().min(1).max(20).default(3),
  PROOF_INTERVAL_MS: written.pipe(z.coerce.number<string>().int().min(0).max(60_000)).default(2_000),
  VISIT_CLIENT_ID: optional,
  VISIT_CLIENT_SECRET: optional,
  SWEEP_SECONDS: z.coerce.number().min(1).max(600).default(60),
  LOOK_SECONDS: z.coerce.number().min(0.1).max(600).default(5),
  DRAWBRIDGE_SANDBOX: yes,
  SLACK_API_URL: optional,
  CLOUDFLARE_BASE_URL: optional,
  GOOGLE_API_ENDPOINT: optional,
  EDGE_URL: optional,
  CLOCK_URL: optional,
  DNS_SERVER: optional,
  ORIGIN_URL: optional,
});

const WithoutSlack = Known.omit({ SLACK_BOT_TOKEN: true, SLACK_APP_TOKEN: true });
const VendorsAlone = Known.pick({
  CLOUDFLARE_API_TOKEN: true,
  CLOUDFLARE_ACCOUNT_ID: true,
  CLOUDFLARE_BASE_URL: true,
  GOOGLE_API_ENDPOINT: true,
});

const OVERRIDES = [
  "SLACK_API_URL",
  "CLOUDFLARE_BASE_URL",
  "GOOGLE_API_ENDPOINT",
  "EDGE_URL",
  "CLOCK_URL",
  "DNS_SERVER",
  "ORIGIN_URL",
] as const;

export type Config = Readonly<{
  slack: { botToken: string; appToken: string; apiUrl?: string; connections: number };
  cloudflare: { apiToken: string; accountId: string; baseUrl?: string };
  google: { endpoint?: string };
  edgeUrl?: string;
  /** An Access service token, to look at a service from outside through Access. */
  visitToken?: { clientId: string; clientSecret: string };
  clockUrl?: string;
  /** Where the doctor asks how run.app resolves, and which server it takes for a service's own. */
  dnsServer?: string;
  originUrl?: string;
  sandbox: boolean;
  policyFile: string;
  store: StoreLocation;
  healthPort: number;
  logLevel: Level;
  proof: { visits: number; intervalMs: number };
  sweepMs: number;
  /** How often the tunnels are looked at. */
  lookMs: number;
  /** Every value of it that may stand in no text that leaves the process. */
  secrets: readonly string[];
}>;

/** For commands that run without Slack. */
export type UnattendedConfig = Omit<Config, "slack" | "healthPort" | "sweepMs" | "lookMs">;

/** For commands that need neither a policy nor a store. */
export type VendorConfig = Pick<Config, "cloudflare" | "google">;

/** Throws ConfigError. */
export function loadConfig(env: Environment): Config {
  const known = checked(Known, env, wholeProblems(env));
  return {
    ...toUnattended(known),
    slack: {
      botToken: known.SLACK_BOT_TOKEN,
      appToken: known.SLACK_APP_TOKEN,
      apiUrl: known.SLACK_API_URL,
      connections: known.SLACK_CONNECTIONS,
    },
    healthPort: known.HEALTH_PORT,
    sweepMs: known.SWEEP_SECONDS * 1000,
    lookMs: known.LOOK_SECONDS * 1000,
    secrets: secretsIn(env),
  };
}

/** Throws ConfigError. */
export function loadUnattendedConfig(env: Environment): UnattendedConfig {
  const known = checked(WithoutSlack, env, wholeProblems(env));
  return { ...toUnattended(known), secrets: secretsIn(env) };
}

/** Throws ConfigError. */
export function loadVendorConfig(env: Environment): VendorConfig {
  return toVendors(checked(VendorsAlone, env, overrideProblems(env)));
}

function wholeProblems(env: Environment): string[] {
  return [...overrideProblems(env), ...storeProblems(env), ...visitProblems(env)];
}

/** The addresses that the sandbox overrides could send a production bot's tokens elsewhere. */
function overrideProblems(env: Environment): string[] {
  const set = OVERRIDES.filter((name) => env[name]);
  const sandbox = isYes(env.DRAWBRIDGE_SANDBOX);
  if (isOnCloudRun(env) && (sandbox || set.length > 0))
    return [
      `${[...set, "DRAWBRIDGE_SANDBOX"].join(", ")} may not be set on Cloud Run: they are for the sandbox only`,
    ];
  if (set.length > 0 && !sandbox)
    return set.map((name) => `${name} works in the sandbox only (DRAWBRIDGE_SANDBOX=1)`);
  return set
    .filter((name) => !isLoopback(env[name] ?? ""))
    .map((name) => `${name} must be a loopback address`);
}

function visitProblems(env: Environment): string[] {
  if (Boolean(env.VISIT_CLIENT_ID) === Boolean(env.VISIT_CLIENT_SECRET)) return [];
  return ["VISIT_CLIENT_ID and VISIT_CLIENT_SECRET belong together: set both, or neither"];
}

function isLoopback(address: string): boolean {
  const url = URL.parse(address.includes("://") ? address : `http://${address}`);
  // Another scheme may read the rest otherwise: to gRPC, `dns://127.0.0.1/name` is a resolver and a name to look up.
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)
  );
}

function toUnattended(env: z.output<typeof WithoutSlack>): Omit<UnattendedConfig, "secrets"> {
  return {
    ...toVendors(env),
    edgeUrl: env.EDGE_URL,
    ...(env.VISIT_CLIENT_ID && env.VISIT_CLIENT_SECRET
      ? { visitToken: { clientId: env.VISIT_CLIENT_ID, clientSecret: env.VISIT_CLIENT_SECRET } }
      : {}),
    clockUrl: env.CLOCK_URL,
    dnsServer: env.DNS_SERVER,
    originUrl: env.ORIGIN_URL,
    sandbox: env.DRAWBRIDGE_SANDBOX,
    policyFile: env.POLICY_FILE,
    store: toStoreLocation(env),
    logLevel: env.LOG_LEVEL,
    proof: { visits: env.PROOF_VISITS, intervalMs: env.PROOF_INTERVAL_MS },
  };
}

function toVendors(env: z.output<typeof VendorsAlone>): VendorConfig {
  return {
    cloudflare: {
      apiToken: env.CLOUDFLARE_API_TOKEN,
      accountId: env.CLOUDFLARE_ACCOUNT_ID,
      baseUrl: env.CLOUDFLARE_BASE_URL,
    },
    google: { endpoint: env.GOOGLE_API_ENDPOINT },
  };
}
