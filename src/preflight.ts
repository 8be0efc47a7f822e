// What has to be right before the bot takes its first command, checked at once and told together.
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-values.ts";
import { eachTunnel, type Policy } from "./domain/policy.ts";
import { isServiceFailure } from "./services/failure.ts";
import { preflightSlack } from "./services/slack-preflight.ts";
import type { Vendors } from "./vendors.ts";

/** `slackUnseen`: Slack could not be reached, or not asked everything. */
export type Found = { team: string; slackUnseen: boolean };

/** Answers the Access team's name; throws ConfigError with every problem. A Slack that cannot be reached is none: what is
 *  due is done without it, and `lateSlackCheck` looks once it is back. */
export async function preflight(
  config: Config,
  policy: Policy,
  vendors: Vendors,
  log: Logger,
): Promise<Found> {
  const [slack, cloudflare] = await Promise.all([
    checkSlack(config, policy, log),
    checkCloudflare(policy, vendors),
  ]);
  for (const { what, remedy } of slack.filter((each) => each.severity !== "error"))
    log.warn({ remedy }, what);
  const problems = [
    ...slack
      .filter((each) => each.severity === "error")
      .map(({ what, remedy }) => `Slack: ${what} ${remedy}`),
    ...cloudflare.problems.map((problem) => `Cloudflare: ${problem}`),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { team: cloudflare.team, slackUnseen: slack.some((each) => each.severity === "passing") };
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

async function checkCloudflare(
  policy: Policy,
  vendors: Vendors,
): Promise<{ team: string; problems: string[] }> {
  const problems: string[] = [];
  const attempt = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!isServiceFailure(error)) throw error;
      problems.push(error.message);
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
        problems.push(
          `The tunnel "${tunnel.name}" is configured by a local file. Move it to remote management in the dashboard.`,
        );
    }),
    attempt(() => refuseSecondInstallation(policy, vendors, problems)),
  ]);
  return { team: organization?.team ?? "", problems };
}

/** Two installations that write one tunnel's configuration would take each other's routes for somebody else's. */
async function refuseSecondInstallation(policy: Policy, vendors: Vendors, problems: string[]): Promise<void> {
  const foreign = (await vendors.access.listApplications()).filter(
    (each) => each.mark && each.mark.installation !== policy.installation,
  );
  if (foreign.length === 0) return;
  const auds = new Set(foreign.map((each) => each.aud));
  for (const { id } of eachTunnel(policy)) {
    const { rules } = await vendors.tunnels.readConfig(id);
    if (rules.some((rule) => rule.lock?.audTag.some((aud) => auds.has(aud))))
      problems.push(
        `Another Drawbridge installation ("${foreign[0]?.mark?.installation}") has routes on the tunnel ${id}. Give each installation a tunnel of its own.`,
      );
  }
}
