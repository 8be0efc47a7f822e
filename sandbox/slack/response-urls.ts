// response_url: five answers within thirty minutes, to the person alone or to the channel.
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
import { randomBytes } from "node:crypto";
import type { HttpAnswer } from "../http-fault.ts";
import { contentOf } from "./methods-chat.ts";
import { SlackRefusal } from "./refusal.ts";
import type { Json, Workspace } from "./workspace.ts";

const LIFE_MS = 30 * 60_000;
const USES = 5;

/** What the answer belongs to. `source` is the message that was clicked, if it was one. */
type Context = { user: string; channel: string; source?: string };

export type ResponseUrls = {
  issue(context: Context): string;
  respond(id: string, body: Json): HttpAnswer;
  /** An ack that carries a message is shown like a first response. */
  answer(context: Context, body: Json): void;
};

export function createResponseUrls(workspace: Workspace, baseUrl: () => string): ResponseUrls {
  const issued = new Map<string, Context & { at: number; uses: number }>();

  function post(context: Context, body: Json): void {
    const { text, blocks } = contentOf(body);
    const original = context.source ? workspace.find(context.channel, context.source) : undefined;
    if (original && (body.replace_original === true || body.replace_original === "true")) {
      workspace.edit(original, { text, blocks, edited: blocks.length === 0 });
      return;
    }
    const threadTs = typeof body.thread_ts === "string" ? body.thread_ts : undefined;
    workspace.post({
      channel: context.channel,
      user: workspace.seed.botUserId,
      text,
      blocks,
      ...(threadTs ? { threadTs } : {}),
      ...(body.response_type === "in_channel" ? {} : { only: context.user }),
    });
  }

  return {
    issue(context) {
      const id = randomBytes(18).toString("hex");
      issued.set(id, { ...context, at: workspace.now().getTime(), uses: 0 });
      return `${baseUrl()}/response/${id}`;
    },
    respond(id, body) {
      const context = issued.get(id);
      if (!context || workspace.now().getTime() - context.at > LIFE_MS) return no(404, "expired_url");
      if (context.uses >= USES) return no(404, "used_url");
      try {
        if (body.delete_original === true || body.delete_original === "true") {
          if (!context.source || !workspace.find(context.channel, context.source))
            return no(404, "message_not_found");
          workspace.remove(context.channel, context.source);
        } else post(context, body);
        context.uses += 1;
        return { status: 200, body: { ok: true } };
      } catch (fault) {
        if (fault instanceof SlackRefusal) return no(400, fault.code, fault.details);
        throw fault;
      }
    },
    answer: post,
  };
}

function no(status: number, error: string, details: Json = {}): HttpAnswer {
  return { status, body: { ok: false, error, ...details } };
}
