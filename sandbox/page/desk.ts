// What every part of the page may use: the state as one person sees it, acting as that person, and toasts.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Delivery } from "../contract.ts";
import type { AskConfirm } from "./blocks/surface.ts";
import type { Seen } from "./city/visit.tsx";
import type { PageChannel, PageState } from "./state.ts";

export type Place = { kind: "channel"; id: string } | { kind: "home" };

export type Desk = {
  state: PageState;
  place: Place;
  thread: string | null;
  go(place: Place): void;
  openThread(ts: string | null): void;
  become(personId: string): void;
  /** Sends something as this person. A failed delivery or a refusal becomes a toast; answers null then. */
  perform<Answer>(
    send: Promise<Answer>,
    failure?: (delivery: Delivery & { outcome: "failed" }) => string,
  ): Promise<Answer | null>;
  /** The visit that is shown. */
  seen: Seen | null;
  /** `as`: the id of whoever visits; a stranger without. */
  visit(hostname: string, as?: string): Promise<void>;
  closeVisit(): void;
  toast(text: string): void;
  confirm: AskConfirm;
  now(): Date;
  isRead(channel: PageChannel): number;
};

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("no desk here");
  return desk;
}

/** In Slack's words. https://docs.slack.dev/interactivity/implementing-slash-commands */
export function failureWords(what: string): (delivery: Delivery & { outcome: "failed" }) => string {
  return ({ because }) =>
    `${what} failed with the error “${because === "timeout" ? "operation_timeout" : "dispatch_failed"}”`;
}
