// The modal behind Approve Shorter: less time than was asked for.
import type { ModalView } from "@slack/types";
import { durationInput, durationOptions, type FormValues, readMinutes } from "./form-parts.ts";
import { buttonValue, views } from "./ids.ts";
import { code, paragraph, plainText, rich, words } from "./parts.ts";
import { lengthWords } from "./time-words.ts";

export type ShorterFormState = {
  id: string;
  digest: string;
  hostname: string;
  minutes: number;
  untilClosed: boolean;
  /** Presets of the policy; what is not shorter is left out. */
  durations: number[];
};

const FALLBACKS = [5, 15, 30, 60, 120, 240, 480, 1440];

/** Null where nothing shorter is left to choose. */
export function shorterForm(state: ShorterFormState): ModalView | null {
  const shorter = (minutes: number[]) => durationOptions(minutes.filter((each) => each < state.minutes));
  const presets = shorter(state.durations);
  const offered = presets.length > 0 ? presets : shorter(FALLBACKS);
  if (offered.length === 0) return null;
  const asked = lengthWords(state.minutes, state.untilClosed);
  return {
    type: "modal",
    callback_id: views.shorter,
    private_metadata: buttonValue(state.id, state.digest),
    title: plainText("Approve Shorter", 24),
    submit: plainText("Approve", 24),
    close: plainText("Cancel", 24),
    blocks: [
      rich([paragraph(words("Asked for "), code(state.hostname, 100), words(`: ${asked}.`))]),
      durationInput("Approve for", offered, offered.at(-1)?.value ?? null),
    ],
  };
}

export function readShorterForm(values: FormValues): { minutes: number | null } {
  return { minutes: readMinutes(values) };
}
