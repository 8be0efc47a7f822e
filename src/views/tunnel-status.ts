// The answer to /expose status: how each tunnel stands, since when, and how available it was. Only the asker sees it.
import type { KnownBlock, RichTextElement } from "@slack/types";
import type { Availability } from "../domain/availability.ts";
import type { ConnectorHealth, TunnelState } from "../domain/tunnel-health.ts";
import type { TunnelOverview } from "../domain/tunnel-overview.ts";
import { fitting } from "./fitting.ts";
import {
  bold,
  footnote,
  heading,
  moment,
  paragraph,
  rich,
  type SlackMessage,
  sentence,
  words,
} from "./parts.ts";
import { plain } from "./plain-text.ts";
import { spoken } from "./spoken.ts";
import { duration } from "./time-words.ts";
import { percent } from "./tunnel-timeline.ts";

const STATE_WORDS: Record<TunnelState, string> = {
  up: "Up",
  degraded: "Degraded",
  down: "Down",
  unknown: "Not known",
};

/** Slack refuses a message from about 13,200 characters. */
const MOST_ROWS = 20;
const MOST_CHARACTERS = 11_000;
const MINUTE_MS = 60_000;

/** `picture`: whether a timeline goes to the asker's messages with the bot. */
export function tunnelStatus(tunnels: TunnelOverview[], { picture }: { picture: boolean }): SlackMessage {
  const rows = fitting(tunnels.slice(0, MOST_ROWS).map(rowOf), MOST_CHARACTERS);
  const more = tunnels.length - rows.length;
  const notes = [
    ...(more > 0 ? [`and ${more} more, none of them worse than these.`] : []),
    ...(tunnels.some((each) => each.since === null) ? [NEVER_SEEN] : []),
    ...(picture ? ["The last seven days as a picture are in your messages with Drawbridge."] : []),
  ];
  const rest = [...rows, ...(notes.length > 0 ? [footnote(notes)] : [])];
  const blocks = [heading("Tunnels"), sentence(`*${summary(tunnels)}*`), ...rest];
  return spoken(summary(tunnels), blocks, rest);
}

const NEVER_SEEN =
  "A tunnel is looked at for the first time within a minute of the bot's start. If it stays unknown, an admin can type /expose doctor.";

function summary(tunnels: TunnelOverview[]): string {
  const count = (state: TunnelState) => tunnels.filter((each) => each.state === state).length;
  const [only] = tunnels;
  if (tunnels.length === 1 && only)
    return only.state === "unknown"
      ? "Whether the tunnel is up is not known just now."
      : `The tunnel is ${STATE_WORDS[only.state].toLowerCase()}.`;
  if (count("up") === tunnels.length) return `All ${tunnels.length} tunnels are up.`;
  const parts = (["down", "degraded", "unknown", "up"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${STATE_WORDS[state].toLowerCase()}`);
  return `Of ${tunnels.length} tunnels: ${parts.join(", ")}.`;
}

function rowOf(tunnel: TunnelOverview): KnownBlock {
  const { name, state, since, connectors, day, week } = tunnel;
  return rich([
    paragraph(
      bold(plain(name, 60) || "A tunnel without a name"),
      words("   "),
      bold(STATE_WORDS[state]),
      ...(since ? [words(state === "unknown" ? ", last seen " : " since "), moment(since)] : []),
      words(`\n${state === "unknown" ? "No signal answers just now." : connectorWords(connectors)}`),
      words(`\nAvailable in 24 h: ${availableWords(day)}; in 7 days: ${availableWords(week)}`),
      ...incidentWords(tunnel),
    ),
  ]);
}

/** `2 connectors, 8 connections, http2, nrt08 kix01, version 2026.8.3`. */
function connectorWords(connectors: ConnectorHealth[]): string {
  if (connectors.length === 0) return "No connector is running.";
  const connections = connectors.reduce((sum, each) => sum + each.colos.length, 0);
  const strangers = connectors.filter((each) => each.ours === false).length;
  return [
    `${counted(connectors.length, "connector")}${strangers > 0 ? ` (${strangers} not of ours)` : ""}`,
    ...(connections > 0 ? [counted(connections, "connection")] : []),
    ...listed(connectors.flatMap((each) => each.protocol ?? [])),
    ...listed(connectors.flatMap((each) => each.colos)),
    ...listed(
      connectors.flatMap((each) => each.version ?? []),
      "version ",
    ),
  ].join(", ");
}

function listed(values: string[], before = ""): string[] {
  const distinct = [...new Set(values.map((each) => plain(each, 20)).filter(Boolean))].sort();
  if (distinct.length === 0) return [];
  const more = distinct.length > 6 ? " …" : "";
  return [`${before}${distinct.slice(0, 6).join(" ")}${more}`];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Where not all of the time was watched, of how much it tells. */
function availableWords({ share, knownMs, unknownMs }: Availability): string {
  if (share === null) return "not known";
  if (unknownMs < MINUTE_MS) return percent(share);
  return `${percent(share)} of the ${duration(Math.max(1, Math.floor(knownMs / MINUTE_MS)))} watched`;
}

function incidentWords({ lastIncident }: TunnelOverview): RichTextElement[] {
  if (!lastIncident) return [];
  const { cause, openedAt, closedAt } = lastIncident;
  const start = [words(`\nLast incident: ${plain(cause, 80)}, `), moment(openedAt)];
  if (!closedAt) return [...start, words(", still open")];
  const minutes = Math.max(1, Math.round((closedAt.getTime() - openedAt.getTime()) / MINUTE_MS));
  return [...start, words(`, for ${duration(minutes)}`)];
}
