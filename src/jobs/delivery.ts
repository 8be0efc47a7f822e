// One message to Slack that a change called for: counted before it is tried, noted once it is sent, and given up when the
// message itself has failed often enough or is a week old. Either end is in the audit.
import type { Logger } from "pino";
import type { MessageRef } from "../domain/exposure.ts";
import { isServiceFailure, type ServiceFailure } from "../services/failure.ts";
import { isNobodyThere } from "../services/slack-failure.ts";
import { MAX_ATTEMPTS } from "../store/announcements.ts";
import { untilNoted } from "./until-noted.ts";

type Delivery = {
  message: { id: string; attempts: number; createdAt: Date };
  store: {
    attempted(id: string, attempts: number): Promise<void>;
    sent(id: string, at: Date, ref: MessageRef | null): Promise<void>;
  };
  post: () => Promise<MessageRef>;
  /** What tells it all the same where there is nobody to tell: noted in the place of the message. */
  instead: MessageRef | null;
  audit: (outcome: string) => Promise<void>;
  now: () => Date;
  log: Logger;
};

/** Nobody needs a message any more that could not be sent for this long. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

export async function deliver(delivery: Delivery): Promise<void> {
  const { message, store, post, instead, audit, now, log } = delivery;
  const attempts = message.attempts + 1;
  // Counted first: a message that makes us fall over each time is given up in the end.
  await store.attempted(message.id, attempts);
  try {
    const posted = await post();
    await untilNoted(log, () => store.sent(message.id, now(), posted));
    await untilNoted(log, () => audit("ok"));
  } catch (error) {
    if (isServiceFailure(error) && isNobodyThere(error)) {
      await store.sent(message.id, now(), instead);
      return await audit(error.kind);
    }
    const isOld = now().getTime() - message.createdAt.getTime() > KEPT_MS;
    const counted = isOld ? MAX_ATTEMPTS : isAboutMessage(error) ? attempts : message.attempts;
    if (counted !== attempts) await store.attempted(message.id, counted);
    if (counted >= MAX_ATTEMPTS) await audit("given up");
    throw error;
  }
}

/** Slack in trouble, and a right or a channel that we lack, are mended by somebody: the message waits for that. */
function isAboutMessage(error: unknown): boolean {
  return !isServiceFailure(error) || error.kind === "conflict";
}

/** What one recipient cannot be told keeps nothing from the others; to the same one, messages go in their order. Answers
 *  what failed, for the caller to throw. */
export async function sendEach<Message extends { recipient: string }>(
  messages: Message[],
  send: (message: Message) => Promise<void>,
): Promise<ServiceFailure | undefined> {
  const failures = new Map<string, ServiceFailure>();
  for (const message of messages) {
    if (failures.has(message.recipient)) continue;
    try {
      await send(message);
    } catch (error) {
      if (!isServiceFailure(error) || error.kind === "retry") throw error;
      failures.set(message.recipient, error);
    }
  }
  return [...failures.values()][0];
}
