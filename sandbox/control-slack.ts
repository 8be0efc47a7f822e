// Acting as a person in the sandbox's Slack, from the page or a script: everything here is a POST with a JSON body.
import { Hono } from "hono";
import { z } from "zod";
import type { FormValues } from "./contract.ts";
import type { ControlParts } from "./control.ts";
import { attempt, ControlRefusal, channelId, personId, readBody } from "./control-checks.ts";

const Value = z.union([z.string(), z.array(z.string()), z.null()]);
const Values: z.ZodType<FormValues> = z.record(z.string(), z.record(z.string(), Value));
const User = z.string().min(1);
const Command = z.strictObject({
  user: User,
  channel: z.string(),
  command: z.string().optional(),
  text: z.string(),
});
const Shortcut = z.strictObject({ user: User, callbackId: z.string() });
const Target = z.union([
  z.strictObject({ channel: z.string(), ts: z.string() }),
  z.strictObject({ viewId: z.string() }),
]);
const Action = z.strictObject({
  actionId: z.string(),
  blockId: z.string().optional(),
  value: Value.optional(),
});
const Act = z.strictObject({ user: User, target: Target, action: Action, state: Values.optional() });
const Options = z.strictObject({
  user: User,
  viewId: z.string(),
  blockId: z.string(),
  actionId: z.string(),
  query: z.string().default(""),
});
const Submit = z.strictObject({ user: User, viewId: z.string(), values: Values });
const CloseView = z.strictObject({ user: User, viewId: z.string() });
const Home = z.strictObject({ user: User });
const Say = z.strictObject({
  user: User,
  channel: z.string(),
  text: z.string().min(1),
  threadTs: z.string().optional(),
});
const Recycle = z.strictObject({
  which: z.enum(["one", "all"]).optional(),
  reason: z.enum(["warning", "refresh_requested", "too_many_websockets"]).optional(),
});
const Person = z.strictObject({
  id: z.string(),
  change: z.strictObject({
    email: z.string().optional(),
    tz: z.string().optional(),
    locale: z.string().optional(),
    deleted: z.boolean().optional(),
    isRestricted: z.boolean().optional(),
    isUltraRestricted: z.boolean().optional(),
  }),
});
const UserGroup = z.strictObject({ id: z.string(), users: z.array(z.string()) });
const Sockets = z.strictObject({ action: z.enum(["drop", "freeze", "mute", "unmute"]) });
const Archive = z.strictObject({ channel: z.string(), archived: z.boolean().default(true) });
const Replay = z.strictObject({ back: z.int().min(1).default(1) });

export function slackRoutes({ slack }: ControlParts): Hono {
  const routes = new Hono();

  routes.post("/command", async (context) => {
    const body = await readBody(context, Command);
    const user = personId(slack, body.user);
    const { command, text } = splitCommand(body);
    return context.json(
      await attempt(() => slack.command(user, channelId(slack, body.channel, user), command, text)),
    );
  });
  routes.post("/shortcut", async (context) => {
    const { user, callbackId } = await readBody(context, Shortcut);
    return context.json(await attempt(() => slack.shortcut(personId(slack, user), callbackId)));
  });
  routes.post("/act", async (context) => {
    const { user: given, target, action, state } = await readBody(context, Act);
    const user = personId(slack, given);
    const where =
      "viewId" in target ? target : { ...target, channel: channelId(slack, target.channel, user) };
    return context.json(await attempt(() => slack.act(user, where, action, state)));
  });
  routes.post("/options", async (context) => {
    const { user, viewId, blockId, actionId, query } = await readBody(context, Options);
    const options = await attempt(() =>
      slack.options(personId(slack, user), viewId, blockId, actionId, query),
    );
    return context.json(options ?? null);
  });
  routes.post("/submit", async (context) => {
    const { user, viewId, values } = await readBody(context, Submit);
    return context.json(await attempt(() => slack.submit(personId(slack, user), viewId, values)));
  });
  routes.post("/close-view", async (context) => {
    const { user, viewId } = await readBody(context, CloseView);
    return context.json(await attempt(() => slack.closeView(personId(slack, user), viewId)));
  });
  routes.post("/home", async (context) => {
    const { user } = await readBody(context, Home);
    return context.json(await attempt(() => slack.openHome(personId(slack, user))));
  });
  routes.post("/say", async (context) => {
    const { user: given, channel, text, threadTs } = await readBody(context, Say);
    const user = personId(slack, given);
    return context.json(
      await attempt(() => slack.say(user, channelId(slack, channel, user), text, threadTs)),
    );
  });
  routes.get("/channels/:id/messages", async (context) => {
    const as = context.req.query("as");
    const user = as ? personId(slack, as) : undefined;
    const channel = channelId(slack, context.req.param("id"), user);
    return context.json(await attempt(() => slack.messages(channel, user)));
  });
  for (const each of ["/modals", "/home"] as const) {
    routes.get(each, (context) => {
      const user = personId(slack, context.req.query("as") ?? "");
      return context.json(each === "/home" ? slack.home(user) : slack.modals(user));
    });
  }
  routes.post("/recycle", async (context) => {
    const { which, reason } = await readBody(context, Recycle);
    slack.recycle(which, reason);
    return context.json({ sockets: slack.sockets() });
  });
  routes.post("/sockets", async (context) => {
    const { action } = await readBody(context, Sockets);
    if (action === "drop") slack.dropSockets();
    else if (action === "freeze") slack.freezeSockets();
    else slack.muteSockets(action === "mute");
    return context.json({ sockets: slack.sockets() });
  });
  routes.post("/archive", async (context) => {
    const { channel, archived } = await readBody(context, Archive);
    await attempt(() => slack.archive(channelId(slack, channel), archived));
    return context.json({ ok: true });
  });
  routes.post("/replay", async (context) => {
    const { back } = await readBody(context, Replay);
    const envelope = slack.lastEnvelopes().at(-back);
    if (!envelope) throw new ControlRefusal(`Slack has not sent ${back} envelopes yet`, 404);
    return context.json(await slack.sendEnvelope(envelope));
  });
  routes.post("/rate-limited", async (context) => {
    return context.json(await slack.sendRateLimited());
  });
  routes.post("/person", async (context) => {
    const { id, change } = await readBody(context, Person);
    await attempt(() => slack.setPerson(personId(slack, id), change));
    return context.json({ ok: true });
  });
  routes.post("/user-group", async (context) => {
    const { id, users } = await readBody(context, UserGroup);
    await attempt(() =>
      slack.setUserGroup(
        id,
        users.map((user) => personId(slack, user)),
      ),
    );
    return context.json({ ok: true });
  });
  return routes;
}

/** A caller may write the whole line as a person types it, or the command and its text apart. */
function splitCommand({ command, text }: { command?: string; text: string }): {
  command: string;
  text: string;
} {
  if (command) return { command, text };
  if (!text.startsWith("/")) return { command: "/expose", text };
  const [first = "", ...rest] = text.split(" ");
  return { command: first, text: rest.join(" ").trim() };
}
