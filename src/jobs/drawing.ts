// A message of ours that is kept up to date in a channel: redrawn in its place, posted anew where it is gone, and no obstacle
// to what people are told directly.
import type { MessageRef } from "../domain/exposure.ts";
import { isServiceFailure, type ServiceFailure } from "../services/failure.ts";
import type { MessageContent, Slack } from "../services/slack.ts";

/** Null when the message is gone (someone deleted it, or its channel is not `channel` any more): it is posted anew. */
export async function redraw(
  slack: Pick<Slack, "updateMessage">,
  message: MessageRef,
  content: MessageContent,
  channel: string,
): Promise<MessageRef | null> {
  try {
    await slack.updateMessage({ ...message, ...content });
    return message;
  } catch (error) {
    if (isServiceFailure(error) && isGone(error, message, channel)) return null;
    throw error;
  }
}

/** In an archived channel the message still stands: a second one, posted in the moment of its return, would be one too many. */
function isGone(error: ServiceFailure, message: MessageRef, channel: string): boolean {
  return error.code === "message_not_found" || (error.kind === "missing" && message.channel !== channel);
}

/** A channel that takes no message (it was archived, or the bot is out of it) keeps nothing from the people. What failed is for
 *  the caller to throw once they are told. */
export async function drawn(
  draw: () => Promise<MessageRef>,
): Promise<{ message: MessageRef | null; failure?: ServiceFailure }> {
  try {
    return { message: await draw() };
  } catch (error) {
    if (!isServiceFailure(error) || error.kind === "retry") throw error;
    return { message: null, failure: error };
  }
}
