// A bare Bolt app, as its documentation shows one: it makes the same Slack calls as the bot on the same occasions, with
// nothing behind them. `node bare-bolt.ts` takes its addresses from the environment and says "connected".
import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { actions } from "../src/views/ids.ts";

const { SLACK_APP_TOKEN: appToken = "", SLACK_BOT_TOKEN: token, SLACK_API_URL: slackApiUrl } = process.env;
const APPROVERS = "S0LEADS";
const REQUESTER = "U0ASHA";

const receiver = new SocketModeReceiver({
  appToken,
  logLevel: LogLevel.ERROR,
  installerOptions: { clientOptions: { slackApiUrl } },
});
const app = new App({ token, receiver, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl } });

function form(text: string) {
  const blocks = [{ type: "section" as const, text: { type: "plain_text" as const, text } }];
  return { type: "modal" as const, title: { type: "plain_text" as const, text: "Expose a service" }, blocks };
}

app.command("/expose", async ({ ack, client, body }) => {
  await ack();
  const opened = await client.views.open({ trigger_id: body.trigger_id, view: form("One moment …") });
  await client.users.info({ user: body.user_id });
  await client.views.update({ view_id: opened.view?.id ?? "", view: form("Which service?") });
});

app.action({ action_id: actions.approve, type: "block_actions" }, async ({ ack, client, body }) => {
  const look = [
    client.users.info({ user: body.user.id }),
    client.usergroups.users.list({ usergroup: APPROVERS }),
    client.users.info({ user: REQUESTER }),
  ];
  await Promise.all(look);
  await ack();
  const { channel, message } = body;
  const where = { channel: channel?.id ?? "", ts: message?.ts ?? "" };
  await client.chat.update({ ...where, text: "Approved.", blocks: message?.blocks ?? [] });
});

await app.start();
process.stdout.write("connected\n");
