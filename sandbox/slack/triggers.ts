// Trigger ids: what lets the bot open a modal in answer to a person. They live three seconds and work once.
// https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
import { randomBytes } from "node:crypto";

const LIFE_MS = 3_000;
const SHAPE = /^\d+\.\d+\.[0-9a-f]+$/;

/** Who did something, and in which view, if any. */
export type Occasion = { user: string; viewId?: string };

export type Triggers = {
  issue(occasion: Occasion): string;
  exchange(id: string): Occasion | "invalid_trigger_id" | "expired_trigger_id" | "exchanged_trigger_id";
};

/** `realNow` is the machine's time in ms: people do not get longer to click when the sandbox's clock stands elsewhere. */
export function createTriggers(realNow: () => number): Triggers {
  const issued = new Map<string, { occasion: Occasion; at: number; used: boolean }>();
  let count = 0;
  return {
    issue(occasion) {
      count += 1;
      const id = `${Math.floor(realNow())}${count}.${1_000_000 + count}.${randomBytes(16).toString("hex")}`;
      issued.set(id, { occasion, at: realNow(), used: false });
      return id;
    },
    exchange(id) {
      const trigger = issued.get(id);
      if (!trigger || !SHAPE.test(id)) return "invalid_trigger_id";
      if (realNow() - trigger.at > LIFE_MS) return "expired_trigger_id";
      if (trigger.used) return "exchanged_trigger_id";
      trigger.used = true;
      return trigger.occasion;
    },
  };
}
