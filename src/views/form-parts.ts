// The fields of modals, and how their values are read back. What Slack sends is checked, never trusted.
import type { AlertBlock, InputBlock, PlainTextOption, StaticSelect } from "@slack/types";
import { MAX_REASON } from "../domain/request.ts";
import { blocks, inputs, parseButtonValue } from "./ids.ts";
import { option, plainText } from "./parts.ts";
import { visible } from "./plain-text.ts";
import { duration } from "./time-words.ts";

/** The part of Slack's `view.state.values` that is read here: by block id, then action id. */
export type FormValues = Record<string, Record<string, FieldValue>>;

export type FieldValue = {
  value?: string | null;
  selected_option?: { value: string } | null;
  selected_options?: { value: string }[];
  selected_users?: string[];
};

const MOST_OPTIONS = 100;
const LONGEST_VALUE = 150;

export function input(
  blockId: string,
  label: string,
  element: InputBlock["element"],
  more: { hint?: string; optional?: boolean; dispatch_action?: boolean } = {},
): InputBlock {
  const { hint, ...rest } = more;
  return {
    type: "input",
    block_id: blockId,
    label: plainText(label, 100),
    element,
    ...(hint ? { hint: plainText(hint, 300) } : {}),
    ...rest,
  };
}

/** Modals only: a message with an alert block is refused by Slack. */
export function alert(level: "warning" | "error", text: string): AlertBlock {
  return { type: "alert", level, text: plainText(text, 200) };
}

export function reasonInput(hint: string): InputBlock {
  const element = { type: "plain_text_input", action_id: inputs.reason, multiline: true } as const;
  return input(blocks.reason, "Reason", { ...element, max_length: MAX_REASON }, { hint });
}

export function durationInput(
  label: string,
  choices: PlainTextOption[],
  initial: string | null,
  blockId: string = blocks.duration,
): InputBlock {
  const chosen = choices.find((each) => each.value === initial) ?? choices[0];
  const element: StaticSelect = { type: "static_select", action_id: inputs.duration, options: choices };
  return input(blockId, label, chosen ? { ...element, initial_option: chosen } : element);
}

export function durationOptions(minutes: number[]): PlainTextOption[] {
  const sorted = [...new Set(minutes)].filter(isMinutes).sort((a, b) => a - b);
  return sorted.slice(0, MOST_OPTIONS - 1).map((each) => option(duration(each), String(each)));
}

/** A value that is too long could not come back whole. */
export function isWhole({ value = "" }: PlainTextOption): boolean {
  return value.length <= LONGEST_VALUE;
}

/** Slack takes 100 options, or as many groups of 100. */
export function choices(options: PlainTextOption[]): Pick<StaticSelect, "options" | "option_groups"> {
  const fit = options.filter(isWhole);
  if (fit.length <= MOST_OPTIONS) return { options: fit };
  const starts = [...Array(Math.ceil(fit.length / MOST_OPTIONS)).keys()].slice(0, MOST_OPTIONS);
  const groups = starts.map((start) => fit.slice(start * MOST_OPTIONS, (start + 1) * MOST_OPTIONS));
  return {
    option_groups: groups.map((group) => ({
      label: plainText(`${group[0]?.text.text ?? ""} to ${group.at(-1)?.text.text ?? ""}`, 75),
      options: group,
    })),
  };
}

export function textOf(field: FieldValue | undefined): string {
  return typeof field?.value === "string" ? field.value.trim() : "";
}

export function choiceOf(field: FieldValue | undefined): string | null {
  const value = field?.selected_option?.value;
  return typeof value === "string" && value !== "" ? value : null;
}

export function minutesOf(field: FieldValue | undefined): number | null {
  const value = choiceOf(field) ?? "";
  return /^\d{1,7}$/.test(value) && isMinutes(Number(value)) ? Number(value) : null;
}

/** A reason of nothing that shows is none. */
export function readReason(values: FormValues): string {
  return visible(textOf(values[blocks.reason]?.[inputs.reason])).trim();
}

export function readMinutes(values: FormValues): number | null {
  return minutesOf(values[blocks.duration]?.[inputs.duration]);
}

/** Which exposure, and which plan of it, a modal was opened for. */
export function readMetadata(privateMetadata: string | undefined): { id: string; digest: string } | null {
  return parseButtonValue(privateMetadata);
}

function isMinutes(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
