// A reply of Slack's that was lost when a card was posted leaves two of them: the one that the store knows, which is redrawn,
// and one that nobody redraws. A click on the latter counts like any other, and then that card goes.
import { isServiceFailure } from "../services/failure.ts";
import { parseButtonValue } from "../views/ids.ts";
import type { Click } from "./inputs.ts";
import type { HandlerTools } from "./tools.ts";

export function withoutStrayCards(tools: HandlerTools, handle: (click: Click) => Promise<void>) {
  return async (click: Click): Promise<void> => {
    await handle(click);
    if (await isStray(tools, click)) await discard(tools, click);
  };
}

/** What was clicked has been done: a card that stays for once is no reason to tell anybody that something failed. */
async function discard(tools: HandlerTools, click: Click): Promise<void> {
  await click.discard().catch((err: unknown) => {
    if (!isServiceFailure(err)) throw err;
    tools.log.warn({ err }, "a stray card could not be taken away");
  });
}

/** Buttons stand on notices too, in direct messages and in the card's thread: those are no cards. */
async function isStray(tools: HandlerTools, { message, value }: Click): Promise<boolean> {
  const named = message && !message.inThread ? parseButtonValue(value) : null;
  const card = named && (await tools.exposures.load(named.id))?.card;
  return !!card && !!message && card.channel === message.channel && card.ts !== message.ts;
}
