// What Slack sent to the bot, to be sent once more or with something in it changed, as an attacker or a bad network would.
import { randomUUID } from "node:crypto";
import type { Delivery } from "../sandbox/contract.ts";
import type { World } from "./world.ts";

type Json = Record<string, unknown>;
type Interaction = {
  type: string;
  user: { id: string; name: string; username: string };
  view?: { id: string; state: { values: Record<string, Record<string, Json>> } };
  actions?: { action_id: string; action_ts: string; value?: string }[];
};

export type Envelope = Json & { payload: Interaction };

/** The last click (or form, or command) of this type that Slack delivered. */
export function lastEnvelope(
  { sandbox }: World,
  type: "block_actions" | "view_submission" | "slash_commands",
): Envelope {
  const fits = (each: Json) => each.type === type || (each.payload as Interaction | undefined)?.type === type;
  const found = sandbox.slack.lastEnvelopes().findLast(fits);
  if (!found) throw new Error(`nothing of type ${type} was sent yet`);
  return found as Envelope;
}

/** Byte for byte, as after a connection that broke before the ack. */
export function replay({ sandbox }: World, envelope: Envelope): Promise<Delivery> {
  return sandbox.slack.sendEnvelope(envelope);
}

/** A new interaction that looks like this one but for what `change` makes of it. */
export function forge(
  { sandbox }: World,
  like: Envelope,
  change: (payload: Interaction) => void,
): Promise<Delivery> {
  const envelope = { ...structuredClone(like), envelope_id: randomUUID() };
  const { payload } = envelope;
  if (payload.view) payload.view.id = `V${randomUUID().replaceAll("-", "").toUpperCase()}`;
  for (const action of payload.actions ?? []) action.action_ts = String(Math.random() * 1e9);
  change(payload);
  return sandbox.slack.sendEnvelope(envelope);
}

/** The field errors that the bot answered a form with, or null where it took the form. */
export function errorsIn(delivery: Delivery): Record<string, string> | null {
  if (delivery.outcome !== "acked") throw new Error(`the form was not answered: ${delivery.because}`);
  return (delivery.payload as { errors?: Record<string, string> } | null)?.errors ?? null;
}
