// One message to Slack that a change called for: counted before it is tried, noted once it is sent, and given up when it
// has failed often enough. Either end is in the audit.
import type { Logger } from "pino";
import type { MessageRef } from "../domain/exposure.ts";
import { isServiceFailure } from "../services/failure.ts";
import { MAX_ATTEMPTS } from "../store/announcements.ts";
import { untilNoted } from "./until-noted.ts";

type Delivery = {
  message: { id: string; attempts: number };
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

export async function deliver(delivery: Delivery): Promise<void> {
  const { message, store, post, instead, audit, now, log } = delivery;
  const attempts = message.attempts + 1;
  // Counted first: a message that makes us fall over each time is given up in the end.
  await store.attempted(message.id, attempts);
  try {
    const posted = await post();
    await untilNoted(log, () => store.sent(message.id, now(), posted));
    await audit("ok");
  } catch (error) {
    const mayPass = !isServiceFailure(error) || error.kind === "retry";
    if (mayPass && attempts >= MAX_ATTEMPTS) await audit("given up");
    if (mayPass) throw error;
    // The account is gone, or direct messages are closed.
    await store.sent(message.id, now(), instead);
    await audit(error.kind);
  }
}
