// The modal behind Extend: how much longer, and why.
import type { ModalView } from "@slack/types";
import {
  durationInput,
  durationOptions,
  type FormValues,
  readMinutes,
  readReason,
  reasonInput,
} from "./form-parts.ts";
import { buttonValue, views } from "./ids.ts";
import { code, moment, paragraph, plainText, rich, words } from "./parts.ts";
import { duration } from "./time-words.ts";

export type ExtendFormState = {
  id: string;
  digest: string;
  hostname: string;
  endsAt: Date | null;
  durations: number[];
  /** What may be added at once without asking anybody: always among the choices. */
  freeMinutes: number;
  /** Nothing else is: there are too few who could approve it. */
  onlyFree: boolean;
};

const FALLBACKS = [60];

export function extendForm(state: ExtendFormState): ModalView {
  const presets = state.durations.length > 0 ? state.durations : FALLBACKS;
  const open = presets.filter((minutes) => !state.onlyFree || minutes <= state.freeMinutes);
  const offered = durationOptions([...open, state.freeMinutes]);
  const end = state.endsAt ? [words(" ends "), moment(state.endsAt), words(".")] : [words(" is open.")];
  const more = state.onlyFree ? "there are too few approvers to ask for more" : "more waits for an approver";
  const free =
    state.freeMinutes > 0
      ? ` Up to ${duration(state.freeMinutes)} is added at once; ${more}.`
      : " An approver decides about more time.";
  return {
    type: "modal",
    callback_id: views.extend,
    private_metadata: buttonValue(state.id, state.digest),
    title: plainText("Extend", 24),
    submit: plainText("Send Request", 24),
    close: plainText("Cancel", 24),
    blocks: [
      rich([paragraph(code(state.hostname, 100), ...end, words(free))]),
      durationInput("How much longer", offered, offered[0]?.value ?? null),
      reasonInput("Shown on the card and kept in the audit."),
    ],
  };
}

export function readExtendForm(values: FormValues): { minutes: number | null; reason: string } {
  return { minutes: readMinutes(values), reason: readReason(values) };
}
