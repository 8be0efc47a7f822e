// What the emulators share with one another, with the control address and with tests: one clock, one journal,
// one list of faults, and the verbs each emulator offers besides its vendor's API.

/** Time as the sandbox's people see it: the machine's clock plus how far it was moved forward. */
export type SandboxClock = {
  now(): Date;
  forward(ms: number): void;
  offsetMs(): number;
  onChange(listener: (offsetMs: number) => void): () => void;
};

export type Vendor = "slack" | "cloudflare" | "google" | "edge";

/** One request that an emulator received, written when its answer was decided. `status` is the HTTP status, or the
 *  gRPC code for Google; 0 where a fault left the caller without an answer. `body` is the parsed request body. */
export type JournalEntry = {
  at: string;
  vendor: Vendor;
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  status: number;
  fault?: string;
};

export type Journal = {
  write(entry: JournalEntry): void;
  entries(): JournalEntry[];
  clear(): void;
  onWrite(listener: (entry: JournalEntry) => void): () => void;
};

/** What to do to the n-th matching request. For Google, `method` is the RPC name (`ListServices`), `path` the
 *  resource name, and `status` the gRPC code. */
export type FaultRule = {
  vendor: Vendor;
  method?: string;
  /** A regular expression that the request's path must match. */
  path?: string;
  /** Start with the n-th match, from 1. Default 1. */
  nth?: number;
  /** How many matches in a row are hit. Default 1; 0 means for ever. */
  times?: number;
  /** `before`: the request has no effect. `after`: the effect happens, the answer is spoilt. Default `before`. */
  when?: "before" | "after";
  effect:
    | { kind: "status"; status: number; body?: unknown; retryAfterSeconds?: number }
    | { kind: "delay"; ms: number }
    | { kind: "drop" }
    | { kind: "reset-body" }
    | { kind: "hang" }
    | { kind: "malformed" }
    /** The true answer, but every list in it is empty and every count 0. */
    | { kind: "empty-list" }
    /** Breaks the connection, and refuses every further one of this vendor for so long. */
    | { kind: "refuse"; ms: number };
  /** Called the moment a request is hit, before it has any effect: where a test ends the bot. Not for the control address. */
  onHit?: () => void;
};

export type Fault = { id: string; when: "before" | "after"; effect: FaultRule["effect"] };

export type Faults = {
  add(rule: FaultRule): string;
  list(): (FaultRule & { id: string; hits: number })[];
  remove(id: string): void;
  clear(): void;
  /** Counts this request against every rule and answers with the fault that hits it, if any. */
  strike(request: { vendor: Vendor; method: string; path: string }): Fault | null;
};

export type Shared = { clock: SandboxClock; journal: Journal; faults: Faults };

/** A person of the sandbox's Slack workspace. */
export type SeedPerson = {
  id: string;
  name: string;
  realName: string;
  email?: string;
  title?: string;
  tz?: string;
  locale?: string;
  isRestricted?: boolean;
  isUltraRestricted?: boolean;
  isStranger?: boolean;
  isBot?: boolean;
  deleted?: boolean;
};

export type Seed = {
  slack: {
    teamId: string;
    teamName: string;
    teamDomain: string;
    botUserId: string;
    people: SeedPerson[];
    /** `id` is the channel's, `botIn` whether the bot was invited. */
    channels: { id: string; name: string; isPrivate?: boolean; botIn?: boolean; members: string[] }[];
    userGroups: { id: string; handle: string; name: string; users: string[] }[];
    botToken: string;
    appToken: string;
    /** Scopes that the bot token was granted. */
    scopes: string[];
  };
  cloudflare: {
    accountId: string;
    apiToken: string;
    /** `<team>` of `<team>.cloudflareaccess.com`. */
    team: string;
    zones: { id: string; name: string }[];
    tunnels: {
      id: string;
      name: string;
      configSrc?: "cloudflare" | "local";
      /** Connectors that run from the start. */
      connectors: number;
      /** A whole configuration document; default: only a catch-all `http_status:404`. */
      config?: { ingress: Record<string, unknown>[]; [key: string]: unknown };
    }[];
    groups?: { id: string; name: string; include: Record<string, unknown>[] }[];
    identityProviders?: { id: string; name: string; type: string; config?: Record<string, unknown> }[];
    serviceTokens?: { id: string; name: string; clientId: string; clientSecret: string }[];
    /** How long a write to Access or DNS takes until the edge acts on it. */
    propagationMs: number;
    /** How long a connector takes to report a new configuration version. */
    connectorDelayMs: number;
  };
  google: {
    /** Services of Cloud Run, by full name parts. `behaviour` is what the stand-in origin answers. */
    services: {
      project: string;
      region: string;
      name: string;
      ingress?: "all" | "internal" | "internal-and-load-balancing" | "none";
      /** true: anyone may invoke without an identity token (the invoker check is off or granted to allUsers). */
      publicInvoker?: boolean;
      invokerIamDisabled?: boolean;
      /** Identity-Aware Proxy, turned on for the service itself. */
      iapEnabled?: boolean;
      defaultUriDisabled?: boolean;
      labels?: Record<string, string>;
      description?: string;
    }[];
    /** Worker pools that run from the start; `scaling` and `template` as google.cloud.run.v2.WorkerPool has them. */
    workerPools?: {
      project: string;
      region: string;
      name: string;
      description?: string;
      scaling?: Record<string, unknown>;
      template: Record<string, unknown>;
    }[];
    /** `projects/P/secrets/S` to its versions, oldest first. */
    secrets: Record<string, string[]>;
  };
};

export type * from "./contract-emulators.ts";
