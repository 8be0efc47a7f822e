// `/expose status`: told from the store at once; the picture follows where the bot may upload one.
import { eachTunnel } from "../domain/policy.ts";
import { type OverviewFacts, tunnelOverviews, WEEK_MS } from "../domain/tunnel-overview.ts";
import { isServiceFailure } from "../services/failure.ts";
import { causeWords } from "../views/cause-words.ts";
import { refusalText } from "../views/refusal-words.ts";
import { tunnelStatus } from "../views/tunnel-status.ts";
import { timelineSvg } from "../views/tunnel-timeline.ts";
import type { Command } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { identify } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export async function status(tools: HandlerTools, command: Command): Promise<void> {
  await command.ack();
  const { refusal } = await identify(tools, command.userId);
  if (refusal) {
    await refused(tools, { actor: command.userId, action: "status" }, refusal);
    return await command.answer({ text: refusalText(refusal) });
  }
  const now = tools.now();
  const from = new Date(now.getTime() - WEEK_MS);
  const [latest, histories, incidents, picture] = await Promise.all([
    tools.tunnelHealth.latest(),
    tools.tunnelHealth.history(from),
    lastIncidents(tools),
    mayUpload(tools),
  ]);
  const tunnelIds = eachTunnel(tools.policy).map(({ id }) => id);
  const tunnels = tunnelOverviews({ tunnelIds, latest, histories, incidents }, now);
  await command.answer(tunnelStatus(tunnels, { picture }));
  if (!picture) return;
  const bytes = await tools.drawPng(timelineSvg(tunnels, from, now));
  await tools.slack.uploadFile({
    user: command.userId,
    filename: "tunnels.png",
    title: "Tunnels, last 7 days",
    bytes,
  });
}

/** Each incident once for each of its tunnels. */
async function lastIncidents({ incidents }: HandlerTools): Promise<OverviewFacts["incidents"]> {
  return (await incidents.latest(INCIDENTS)).flatMap((incident) =>
    incident.members.map(({ tunnelId, cause, since, endedAt }) => ({
      tunnelId,
      cause: causeWords(cause),
      openedAt: since,
      closedAt: incident.endedAt ?? endedAt,
    })),
  );
}

/** As many as tell of the last one of each of fifty tunnels, and then some. */
const INCIDENTS = 200;

/** The picture is an extra: where Slack does not say, there is none. */
async function mayUpload({ slack }: HandlerTools): Promise<boolean> {
  try {
    return (await slack.grantedScopes()).includes("files:write");
  } catch (error) {
    if (isServiceFailure(error)) return false;
    throw error;
  }
}
