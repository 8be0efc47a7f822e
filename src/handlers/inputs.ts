// What people do in Slack, in the shape that handlers take: ids read, the ack and the answer as functions.
import type { ModalView, Option } from "@slack/types";
import type { MessageRef } from "../domain/exposure.ts";
import type { MessageContent } from "../services/slack.ts";
import type { FormValues } from "../views/form-parts.ts";

export type Answer = (content: MessageContent) => Promise<void>;

/** `/expose …` */
export type Command = {
  userId: string;
  text: string;
  triggerId: string;
  ack(): Promise<void>;
  /** Seen by this person only. */
  answer: Answer;
};

/** A press of a button, or a choice in a form that reports its changes. */
export type Click = {
  userId: string;
  /** The same for a repeated envelope, and for nothing else. */
  key: string;
  value: string;
  triggerId: string;
  message: (MessageRef & { inThread: boolean }) | null;
  view: { id: string; hash: string; values: FormValues; blocks: Record<string, unknown>[] } | null;
  ack(): Promise<void>;
  answer: Answer;
  /** Takes the message that was clicked away. */
  discard(): Promise<void>;
};

/** A modal that was submitted. Acking with errors keeps it open, with a view puts that in its place. */
export type Submission = {
  userId: string;
  key: string;
  values: FormValues;
  metadata: string;
  ack(answer?: { errors: Record<string, string> } | { view: ModalView }): Promise<void>;
  /** A direct message: a submission has no channel of its own. */
  answer: Answer;
};

export type OptionsQuery = {
  userId: string;
  query: string;
  ack(options: Option[]): Promise<void>;
};
