// Starts the emulated workspace and, when asked, a real Bolt app on its sockets; ends both after each test.
import { App, type Logger, LogLevel, SocketModeReceiver, webApi } from "@slack/bolt";
import { expect, onTestFinished } from "vitest";
import { createClock } from "../../sandbox/clock.ts";
import type { Seed } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { type SlackOptions, startSlack } from "../../sandbox/slack/index.ts";

export const SCOPES = [
  "commands",
  "chat:write",
  "im:write",
  "users:read",
  "users:read.email",
  "usergroups:read",
  "channels:read",
  "files:write",
];

export const SEED: Seed["slack"] = {
  teamId: "T0HARBOR",
  teamName: "Harbor",
  teamDomain: "harbor",
  botUserId: "U0BRIDGE",
  people: [
    {
      id: "U0ASHA",
      name: "asha",
      realName: "Asha Rao",
      email: "asha@harbor.example",
      tz: "Asia/Tokyo",
      locale: "ja-JP",
    },
    { id: "U0LEE", name: "lee", realName: "Lee Park", email: "lee@harbor.example" },
    {
      id: "U0GUEST",
      name: "gil",
      realName: "Gil Guest",
      email: "gil@elsewhere.example",
      isUltraRestricted: true,
    },
  ],
  channels: [
    { id: "C0OPS", name: "ops", botIn: true, members: ["U0ASHA", "U0LEE"] },
    { id: "C0QUIET", name: "quiet", members: ["U0ASHA"] },
    { id: "G0LEADS", name: "leads", isPrivate: true, members: ["U0LEE"] },
    { id: "G0CREW", name: "crew", isPrivate: true, botIn: true, members: ["U0LEE"] },
  ],
  userGroups: [{ id: "S0LEADS", handle: "leads", name: "Leads", users: ["U0LEE"] }],
  botToken: "xoxb-sandbox-bot",
  appToken: "xapp-sandbox-app",
  scopes: SCOPES,
};

/** The SDKs complain loudly about the refusals that these tests provoke. */
const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export async function startBench(options: SlackOptions = {}) {
  const shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const slack = await startSlack(shared, structuredClone(SEED), options);
  onTestFinished(() => slack.close());
  const client = clientOf(slack.apiUrl);
  return { ...shared, slack, client };
}

export function clientOf(
  apiUrl: string,
  token = SEED.botToken,
  more: webApi.WebClientOptions = {},
): webApi.WebClient {
  return new webApi.WebClient(token, { ...quiet(apiUrl), ...more });
}

/** A real Bolt app; `register` adds its listeners before it connects. */
export async function startBolt(
  apiUrl: string,
  register: (app: App) => void,
  clientPingTimeout = 5_000,
): Promise<App> {
  const receiver = new SocketModeReceiver({
    appToken: SEED.appToken,
    logger: SILENT,
    clientPingTimeout,
    installerOptions: { clientOptions: quiet(apiUrl) },
  });
  const app = new App({
    token: SEED.botToken,
    receiver,
    logLevel: LogLevel.ERROR,
    clientOptions: quiet(apiUrl),
  });
  register(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return app;
}

function quiet(slackApiUrl: string): webApi.WebClientOptions {
  return { slackApiUrl, logger: SILENT, retryConfig: { retries: 0 } };
}

/** What Slack answered to a call that it refused. */
export async function refusalOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const fault = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(fault).toBeInstanceOf(webApi.WebAPIPlatformError);
  return { ...(fault as webApi.WebAPIPlatformError).data };
}

export async function until(holds: () => boolean, timeout = 3_000): Promise<void> {
  await expect.poll(holds, { timeout, interval: 10 }).toBe(true);
}
