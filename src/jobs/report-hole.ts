// Tells the alerts channel of a hole that somebody else made, once.
import type { Logger } from "pino";
import type { Hole } from "../domain/holes.ts";
import type { Policy } from "../domain/policy.ts";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { HoleLog } from "../store/guards.ts";
import { holeAlert } from "../views/alerts.ts";
import { untilNoted } from "./until-noted.ts";

type Tools = {
  slack: Slack;
  holes: HoleLog;
  channel: Policy["channels"]["alerts"];
  audit: (entries: AuditEntry[]) => Promise<void>;
  now: () => Date;
  log: Logger;
};

export function createHoleReporter(tools: Tools) {
  return async (hole: Hole, key: string): Promise<void> => {
    const posted = await tools.slack.postMessage({ channel: tools.channel, ...holeAlert(hole) });
    await untilNoted(tools.log, () => tools.holes.holeReported(key, posted));
    const entry = {
      at: tools.now(),
      actor: "sweep",
      action: "hole reported",
      exposureId: null,
      outcome: "ok",
    };
    await untilNoted(tools.log, () => tools.audit([{ ...entry, details: { ...hole } }]));
  };
}
