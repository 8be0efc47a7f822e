// Events are the one thing that Slack sends again: nearly at once, after a minute, after five.
// https://docs.slack.dev/apis/events-api#retries
import { randomUUID } from "node:crypto";
import type { Delivery } from "../contract.ts";
import type { Json } from "./workspace.ts";

const WAITS_MS = [0, 60_000, 300_000];

export type EventQueue = {
  deliver(payload: Json): Promise<Delivery>;
  /** A socket is there again: what waited for one goes out. */
  flush(): void;
};

export function createEventQueue(
  attempt: (envelope: Json) => Promise<Delivery>,
  connected: () => boolean,
  later: (ms: number, action: () => void) => unknown,
): EventQueue {
  const stranded = new Set<() => void>();

  async function send(payload: Json, retry: number, reason: string): Promise<Delivery> {
    const delivery = await attempt(eventEnvelope(payload, retry, reason));
    if (delivery.outcome === "failed") again(payload, retry, delivery.because);
    return delivery;
  }

  function again(payload: Json, retry: number, because: "no-connection" | "timeout"): void {
    const wait = WAITS_MS[retry];
    if (wait === undefined) return;
    const reason = because === "timeout" ? "timeout" : "connection_failed";
    const resend = () => {
      if (connected()) void send(payload, retry + 1, reason);
      else stranded.add(resend);
    };
    if (because === "no-connection") stranded.add(resend);
    else later(wait, resend);
  }

  return {
    deliver: (payload) => send(payload, 0, ""),
    flush() {
      const waiting = [...stranded];
      stranded.clear();
      for (const resend of waiting) resend();
    },
  };
}

function eventEnvelope(payload: Json, retry: number, reason: string): Json {
  return {
    envelope_id: randomUUID(),
    payload,
    type: "events_api",
    accepts_response_payload: false,
    retry_attempt: retry,
    retry_reason: reason,
  };
}
