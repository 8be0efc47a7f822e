// What has to be right before the bot takes its first command, checked at once and told together.
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-values.ts";
import { eachTunnel, type Policy } from "./domain/policy.ts";
import { isServiceFailure } from "./services/failure.ts";
import { preflightSlack } from "./services/slack-preflight.ts";
import type { CloudflareVendors } from "./vendors.ts";

/** `team`: the Access team's name; null where Cloudflare could not be reached, or not asked everything.
 *  `slackUnseen`: the same of Slack. */
export type Found = { team: string | null; slackUnseen: boolean };

/** Throws ConfigError with every problem. A vendor that cannot be reached is none: without Slack what is due is done, without
 *  Cloudflare people are answered, and the late checks look once it is back. */
export async function preflight(
  config: Pick<Config, "slack" | "visitToken">,
  policy: Policy,
  vendors: CloudflareVendors,
  log: Logger,
): Promise<Found> {
  const [slack, cloudflare] = await Promise.all([
    checkSlack(config, policy, log),
    checkCloudflare(policy, vendors),
  ]);
  for (const { what, remedy } of slack.filter((each) => each.severity !== "error"))
    log.warn({ remedy }, what);
  for (const unseen of cloudflare.unseen) log.warn({ unseen }, "Cloudflare could not be asked everything");
  const problems = [
    ...slack
      .filter((each) => each.severity === "error")
      .map(({ what, remedy }) => `Slack: ${what} ${remedy}`),
    ...cloudflare.problems,
    ...visitProblems(config, policy),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { team: teamOf(cloudflare), slackUnseen: slack.some((each) => each.severity === "passing") };
}

/** Each visit with a token that no application lets in would be refused. */
function visitProblems({ visitToken }: Pick<Config, "visitToken">, { visitTokenId }: Policy): string[] {
  if (!visitToken || visitTokenId) return [];
  return [
    "VISIT_CLIENT_ID is set, but the policy names no visits.serviceToken, so that no application lets those visits in. Name the id of that service token there, or leave VISIT_CLIENT_ID and VISIT_CLIENT_SECRET out.",
  ];
}

const BETWEEN_MS = { first: 2_000, most: 60_000 };

/** Asks until Cloudflare has answered everything, and answers the team's name. Until then nothing may be opened or swept, and
 *  what is found then ends the bot as it would have at the start: throws ConfigError. */
export async function lateCloudflareCheck(
  policy: Policy,
  vendors: CloudflareVendors,
  signal: AbortSignal,
): Promise<string> {
  for (let between = BETWEEN_MS.first; ; between = Math.min(2 * between, BETWEEN_MS.most)) {
    await pause(between, undefined, { signal });
    const cloudflare = await checkCloudflare(policy, vendors);
    if (cloudflare.problems.length > 0) throw new ConfigError(cloudflare.problems);
    const team = teamOf(cloudflare);
    if (team !== null) return team;
  }
}

/** By now the bot is at work: what is wrong is told, and ends nothing. */
export async function lateSlackCheck(config: Config, policy: Policy, log: Logger): Promise<void> {
  for (const { what, remedy, severity } of await checkSlack(config, policy, log))
    log[severity === "error" ? "error" : "warn"]({ remedy }, what);
}

export async function checkSlack(config: Pick<Config, "slack">, policy: Policy, log: Logger) {
  const { botToken, appToken, apiUrl } = config.slack;
  const channels = [...new Set(Object.values(policy.channels))];
  const userGroups = groupsNamedBy(policy);
  return await preflightSlack({ botToken, appToken, apiUrl, log, channels, userGroups });
}

function groupsNamedBy({ rules, admins, health }: Policy): string[] {
  const circles = rules.flatMap((rule) => [
    rule.approvers,
    ...(rule.requesters === "everyone" ? [] : [rule.requesters]),
  ]);
  const groups = [...circles, admins].flatMap((circle) => circle.groups);
  return [...new Set([...groups, ...(health.onCall ? [health.onCall] : [])])];
}

type CloudflareSeen = { team: string | null; problems: string[]; unseen: string[] };

function teamOf({ team, unseen }: CloudflareSeen): string | null {
  return unseen.length === 0 ? team : null;
}

async function checkCloudflare(policy: Policy, vendors: CloudflareVendors): Promise<CloudflareSeen> {
  const problems: string[] = [];
  const unseen: string[] = [];
  const tell = (problem: string) => void problems.push(`Cloudflare: ${problem}`);
  const attempt = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!isServiceFailure(error)) throw error;
      if (error.kind === "retry") unseen.push(error.message);
      else tell(error.message);
      return null;
    }
  };
  const [organization] = await Promise.all([
    attempt(() => vendors.access.organization()),
    attempt(() => vendors.access.ensureTag()),
    attempt(() => vendors.zones.idsOf(policy.tunnels.flatMap((tunnel) => tunnel.zones))),
    ...eachTunnel(policy).map(async ({ id }) => {
      const tunnel = await attempt(() => vendors.tunnels.getTunnel(id));
      if (tunnel && !tunnel.remotelyManaged)
        tell(
          `The tunnel "${tunnel.name}" is configured by a local file. Move it to remote management in the dashboard.`,
        );
    }),
    attempt(() => refuseSecondInstallation(policy, vendors, tell)),
  ]);
  return { team: organization?.team ?? null, problems, unseen };
}

/** Two installations that write one tunnel's configuration would take each other's routes for somebody else's. */
async function refuseSecondInstallation(
  policy: Policy,
  vendors: CloudflareVendors,
  tell: (problem: string) => void,
): Promise<void> {
  const foreign = (await vendors.access.listApplications()).filter(
    (each) => each.mark && each.mark.installation !== policy.installation,
  );
  if (foreign.length === 0) return;
  const auds = new Set(foreign.map((each) => each.aud));
  for (const { id } of eachTunnel(policy)) {
    const { rules } = await vendors.tunnels.readConfig(id);
    if (rules.some((rule) => rule.lock?.audTag.some((aud) => auds.has(aud))))
      tell(
        `Another Drawbridge installation ("${foreign[0]?.mark?.installation}") has routes on the tunnel ${id}. Give each installation a tunnel of its own.`,
      );
  }
}
