// What handlers are given. They read, ask the domain, commit and answer; they change nothing at a vendor.
import type { Logger } from "pino";
import type { Exposure } from "../domain/exposure.ts";
import type { Finding } from "../domain/finding.ts";
import type { Policy } from "../domain/policy.ts";
import type { CloudRun } from "../services/cloud-run.ts";
import type { People } from "../services/people.ts";
import type { Slack } from "../services/slack.ts";
import type { Surroundings } from "../services/surroundings.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { ExposureStore } from "../store/exposures.ts";
import type { Guards } from "../store/guards.ts";
import type { IncidentStore } from "../store/incidents.ts";
import type { TunnelHealthStore } from "../store/tunnel-health.ts";

export type HandlerTools = {
  exposures: ExposureStore;
  incidents: IncidentStore;
  guards: Guards;
  tunnelHealth: TunnelHealthStore;
  audit: (entries: AuditEntry[]) => Promise<void>;
  slack: Slack;
  people: People;
  /** By answers of the last minute: for what somebody is offered and whom they pick, never for what they may do. */
  recentPeople: People;
  /** For who ends something, where Slack lets nobody be looked up. */
  enders: People;
  cloudRun: CloudRun;
  surroundings: Surroundings;
  policy: Policy;
  /** Of the plan as today's policy would have it decided. */
  digestOf: (exposure: Exposure) => string;
  /** Has the look at what is due begin now. */
  lookNow: () => Promise<void>;
  /** Looks at everything that the bot stands on; takes up to half a minute. */
  examine: () => Promise<Finding[]>;
  /** An SVG in ASCII as a PNG. */
  drawPng: (svg: string) => Promise<Uint8Array>;
  /** Of the exposure that a form asks for: the same for a repeat of it, so that what was stored for it is found. */
  idFor: (key: string) => string;
  now: () => Date;
  log: Logger;
};
