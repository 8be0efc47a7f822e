// From Bolt's arguments to what handlers take. Ids are read here and nowhere else; blocks of a message never are.
import type {
  AllMiddlewareArgs,
  BlockAction,
  GlobalShortcut,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackOptionsMiddlewareArgs,
  SlackShortcutMiddlewareArgs,
  SlackViewMiddlewareArgs,
  ViewSubmitAction,
} from "@slack/bolt";
import type { Slack } from "../services/slack.ts";
import type { FormValues } from "../views/form-parts.ts";
import type { Answer, Click, Command, OptionsQuery, Submission } from "./inputs.ts";

export function commandOf(
  slack: Slack,
  { command, ack }: SlackCommandMiddlewareArgs & AllMiddlewareArgs,
): Command {
  return {
    userId: command.user_id,
    text: command.text ?? "",
    triggerId: command.trigger_id,
    ack: () => ack(),
    answer: (content) => slack.respond(command.response_url, content),
  };
}

export function shortcutOf(
  slack: Slack,
  { shortcut, ack }: SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs,
): Pick<Command, "userId" | "triggerId" | "ack" | "answer"> {
  const userId = shortcut.user.id;
  return { userId, triggerId: shortcut.trigger_id, ack: () => ack(), answer: byMessage(slack, userId) };
}

export function clickOf(
  slack: Slack,
  args: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs,
): Click {
  const { body, action, ack } = args;
  const userId = body.user.id;
  const url = body.response_url;
  const channel = body.channel?.id;
  const ts = body.message?.ts;
  return {
    userId,
    key: `${action.action_id} ${userId} ${action.action_ts}`,
    value: chosenValue(action),
    triggerId: body.trigger_id,
    message: channel && ts ? { channel, ts, inThread: isReply(body.message) } : null,
    view: body.view
      ? {
          id: body.view.id,
          hash: body.view.hash,
          values: body.view.state.values as FormValues,
          blocks: body.view.blocks as unknown as Record<string, unknown>[],
        }
      : null,
    ack: () => ack(),
    answer: url
      ? (content) => slack.respond(url, { ...content, replaceOriginal: false })
      : byMessage(slack, userId),
    discard: async () => {
      if (url) await slack.respond(url, { deleteOriginal: true });
    },
  };
}

function isReply(message: BlockAction["message"]): boolean {
  return message?.thread_ts !== undefined && message.thread_ts !== message.ts;
}

/** A button carries its value, a select the chosen option's. */
function chosenValue(action: BlockAction["actions"][number]): string {
  if (action.type === "button") return action.value ?? "";
  return "selected_option" in action ? (action.selected_option?.value ?? "") : "";
}

export function submissionOf(
  slack: Slack,
  { body, view, ack }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs,
): Submission {
  return {
    userId: body.user.id,
    key: `view ${view.id}`,
    values: view.state.values as FormValues,
    metadata: view.private_metadata,
    async ack(given) {
      if (!given) return await ack();
      if ("errors" in given) return await ack({ response_action: "errors", errors: given.errors });
      await ack({ response_action: "update", view: given.view });
    },
    answer: byMessage(slack, body.user.id),
  };
}

export function optionsQueryOf({
  body,
  payload,
  ack,
}: SlackOptionsMiddlewareArgs & AllMiddlewareArgs): OptionsQuery {
  return {
    userId: body.user.id,
    query: payload.value ?? "",
    ack: (options) => ack({ options } as never),
  };
}

function byMessage(slack: Slack, userId: string): Answer {
  return async (content) => {
    await slack.directMessage(userId, content);
  };
}
