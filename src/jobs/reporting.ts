// Tells the alerts channel, once, of a hole that somebody else made, and of what carries our mark and nobody knows.
import type { Logger } from "pino";
import type { Hole } from "../domain/holes.ts";
import type { Policy } from "../domain/policy.ts";
import type { UnknownMark } from "../domain/unknown-marks.ts";
import type { Slack } from "../services/slack.ts";
import type { AuditEntry } from "../store/audit.ts";
import type { Reports } from "../store/reports.ts";
import { holeAlert, unknownMarkAlert } from "../views/alerts.ts";
import type { SlackMessage } from "../views/parts.ts";
import { untilNoted } from "./until-noted.ts";

type Tools = {
  slack: Slack;
  reports: Reports;
  channel: Policy["channels"]["alerts"];
  audit: (entries: AuditEntry[]) => Promise<void>;
  now: () => Date;
  log: Logger;
};

export function createHoleReporter(tools: Tools) {
  return async (hole: Hole, key: string): Promise<void> =>
    await report(tools, key, holeAlert(hole), "hole reported", { ...hole });
}

export function createUnknownReporter(tools: Tools & { installation: string }) {
  return async (mark: UnknownMark, key: string): Promise<void> =>
    await report(tools, key, unknownMarkAlert(mark, tools.installation), "unknown mark reported", {
      ...mark,
    });
}

async function report(
  tools: Tools,
  key: string,
  message: SlackMessage,
  action: string,
  details: Record<string, unknown>,
): Promise<void> {
  const posted = await tools.slack.postMessage({ channel: tools.channel, ...message });
  await untilNoted(tools.log, () => tools.reports.reported(key, posted));
  const entry = { at: tools.now(), actor: "sweep", action, exposureId: null, outcome: "ok" };
  await untilNoted(tools.log, () => tools.audit([{ ...entry, details }]));
}
