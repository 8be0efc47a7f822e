// What the doctor gathers, each part with the reason where it could not be had.
import type { Looked } from "./finding.ts";
import type { ConnectorDetails, Tunnel } from "./observed.ts";
import type { CloudRunService } from "./service.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A `note` is worth knowing and keeps nothing from working. `passing`: Slack could not be asked just now. */
export type SlackProblem = { what: string; remedy: string; severity: "error" | "passing" | "note" };
/** `expiresAt`: null for a token that never expires. */
export type TokenStanding = { status: string; expiresAt: Date | null };
/** One thing the token is needed for, and whether Cloudflare let it. */
export type TokenRight = { permission: string; looked: Looked<unknown> };
/** How a host of run.app resolves where this runs. */
export type Resolved = { host: string; addresses: string[] };
export type OriginAnswer = { host: string; status: number; byGoogle: boolean };
/** How far this machine's clock is ahead of somebody else's; negative where it is behind. */
export type ClockSkew = { against: string; aheadMs: number };
/** A visit with the service token of VISIT_CLIENT_ID. `unproved`: a stranger was not stopped there, or nothing Access's own
 *  came back. */
export type TokenVisit = { hostname: string; outcome: "taken" | "refused" | "unproved" };
export type StoreFacts = { engine: "Postgres" | "PGlite"; ms: number; held: boolean };

export type DoctorFacts = {
  at: Date;
  slack: Looked<SlackProblem[]>;
  token: Looked<TokenStanding>;
  rights: TokenRight[];
  denyUnmatched: Looked<boolean>;
  /** Null without a service token; its value is null where nothing is open to try it at. */
  visit: Looked<TokenVisit | null> | null;
  tunnels: {
    id: string;
    tunnel: Looked<Tunnel>;
    connectors: Looked<ConnectorDetails[]>;
    /** Null where the policy does not say which it is. */
    pool: Looked<WorkerPool> | null;
  }[];
  services: { key: string; service: Looked<CloudRunService> }[];
  /** Null where there is no service whose host could be asked for. */
  resolved: Looked<Resolved> | null;
  origin: Looked<OriginAnswer> | null;
  store: Looked<StoreFacts>;
  clocks: Looked<ClockSkew>[];
};
