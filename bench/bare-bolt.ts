// A bare Bolt app, as its documentation shows one: it makes the same Slack calls as the bot on the same occasions, with
// nothing behind them. With DATABASE_URL it keeps what was clicked, by the least that loses nothing: one row and one job before
// the ack, and the job draws the card. `node bare-bolt.ts` takes its addresses from the environment and says "connected".
import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import type { Block, KnownBlock } from "@slack/types";
import { pino } from "pino";
import { createQueue } from "../src/jobs/queue.ts";
import { writeAudit } from "../src/store/audit.ts";
import { openDatabase } from "../src/store/database.ts";
import { actions } from "../src/views/ids.ts";

const { SLACK_APP_TOKEN: appToken = "", SLACK_BOT_TOKEN: token, SLACK_API_URL: slackApiUrl } = process.env;
const databaseUrl = process.env.DATABASE_URL;
const APPROVERS = "S0LEADS";
const REQUESTER = "U0ASHA";

const receiver = new SocketModeReceiver({
  appToken,
  logLevel: LogLevel.ERROR,
  installerOptions: { clientOptions: { slackApiUrl } },
});
const app = new App({ token, receiver, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl } });

type Card = { channel: string; ts: string; blocks: (Block | KnownBlock)[] };
const keep = databaseUrl ? await keeper(databaseUrl) : null;

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
  const card = { channel: body.channel?.id ?? "", ts: body.message?.ts ?? "" };
  const blocks: (Block | KnownBlock)[] = body.message?.blocks ?? [];
  if (keep) await keep(body.user.id, { ...card, blocks });
  await ack();
  if (!keep) await draw({ ...card, blocks });
});

async function draw(card: Card): Promise<void> {
  await app.client.chat.update({ ...card, text: "Approved." });
}

/** By the bot's own queue, with its settings. The card is read back from the row, as the job may run in another process. */
async function keeper(url: string) {
  const { db, ...database } = await openDatabase({ url, dataDir: "" });
  const queue = createQueue({ ...database, log: pino({ level: "error" }) });
  await queue.start();
  await queue.work("announce", 3, async (ts) => {
    const kept = db.selectFrom("audit").select("details").where("exposure_id", "=", ts);
    await draw((await kept.executeTakeFirstOrThrow()).details as Card);
  });
  return (actor: string, card: Card) =>
    db.transaction().execute(async (trx) => {
      const row = {
        at: new Date(),
        actor,
        action: "approve",
        exposureId: card.ts,
        outcome: "ok",
        details: card,
      };
      await writeAudit(trx, [row]);
      await queue.enqueue(trx, "announce", card.ts, { ahead: true });
    });
}

await app.start();
process.stdout.write("connected\n");
