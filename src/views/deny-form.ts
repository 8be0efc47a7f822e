// The modal behind Deny: no denial without a reason.
import type { ModalView } from "@slack/types";
import { type FormValues, readReason, reasonInput } from "./form-parts.ts";
import { buttonValue, views } from "./ids.ts";
import { code, paragraph, plainText, rich, words } from "./parts.ts";

export type DenyFormState = { id: string; digest: string; hostname: string; extension?: boolean };

export function denyForm(state: DenyFormState): ModalView {
  const what = state.extension ? "This denies more time for " : "This denies the request for ";
  const then = state.extension ? ". It stays open until its end." : ". Nothing is opened.";
  return {
    type: "modal",
    callback_id: views.deny,
    private_metadata: buttonValue(state.id, state.digest),
    title: plainText(state.extension ? "Deny More Time" : "Deny Request", 24),
    submit: plainText("Deny", 24),
    close: plainText("Cancel", 24),
    blocks: [
      rich([paragraph(words(what), code(state.hostname, 100), words(then))]),
      reasonInput("The requester reads this, and it is shown on the card."),
    ],
  };
}

export function readDenyForm(values: FormValues): { reason: string } {
  return { reason: readReason(values) };
}
