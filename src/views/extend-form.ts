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
};

const FALLBACKS = [60];

export function extendForm(state: ExtendFormState): ModalView {
  const presets = state.durations.length > 0 ? state.durations : FALLBACKS;
  const offered = durationOptions([...presets, state.freeMinutes]);
  const end = state.endsAt ? [words(" ends "), moment(state.endsAt), words(".")] : [words(" is open.")];
  const free =
    state.freeMinutes > 0
      ? ` Up to ${duration(state.freeMinutes)} is added at once; more waits for an approver.`
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
