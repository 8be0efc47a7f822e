// What a person entered in the fields of a modal, a Home tab or a message, read back as the control address takes it.
import { useState } from "preact/hooks";
import type { FormValues } from "../../contract.ts";
import type { Block, Element, Option } from "./types.ts";

export type Entry = string | string[] | null;
export type Field = { blockId: string; block: Block; element: Element; inInput: boolean };
/** `state.values` of a view: per element an object with the one key that its type uses. */
export type ViewState = Record<string, Record<string, Record<string, unknown>>>;

export type Form = {
  entry(blockId: string, element: Element): Entry;
  set(blockId: string, element: Element, entry: Entry): void;
  /** Everything the fields hold now; with `change` as if that had just been entered. */
  values(change?: { blockId: string; element: Element; entry: Entry }): FormValues;
  fields: Field[];
};

const STATE_KEYS = [
  "value",
  "selected_option",
  "selected_options",
  "selected_user",
  "selected_users",
  "selected_conversation",
  "selected_conversations",
  "selected_channel",
  "selected_channels",
  "selected_date",
  "selected_time",
  "selected_date_time",
];
const INITIAL_KEYS = STATE_KEYS.map((key) =>
  key.replace("selected", "initial").replace(/^value$/, "initial_value"),
);
const HOLDS_A_VALUE = /(_input|_select|select|picker|radio_buttons|checkboxes)$/;

/** Like Slack, it keeps what was entered while block_id and action_id stay. What is offered no more is the stored state's to
 *  keep. */
export function useForm(blocks: Block[], state: ViewState = {}): Form {
  const [entered, setEntered] = useState<FormValues>({});
  const fields = fieldsOf(blocks);
  const form: Form = {
    fields,
    entry(blockId, element) {
      const actionId = element.action_id ?? "";
      const own = entered[blockId]?.[actionId];
      if (own !== undefined && stillOffered(element, own)) return own;
      return storedEntry(state[blockId]?.[actionId]) ?? initialEntry(element);
    },
    set(blockId, element, entry) {
      setEntered((before) => withEntry(before, blockId, element, entry));
    },
    values(change) {
      let values: FormValues = {};
      for (const { blockId, element } of fields) {
        values = withEntry(values, blockId, element, form.entry(blockId, element));
      }
      return change ? withEntry(values, change.blockId, change.element, change.entry) : values;
    },
  };
  return form;
}

export function fieldsOf(blocks: Block[]): Field[] {
  return blocks.flatMap((block) => {
    if (block.child_blocks) return fieldsOf(block.child_blocks);
    const elements = block.element ? [block.element] : [block.accessory ?? [], block.elements ?? []].flat();
    return (elements as Element[])
      .filter((element) => HOLDS_A_VALUE.test(element.type) && element.type !== "file_input")
      .map((element) => ({ blockId: block.block_id ?? "", block, element, inInput: block.type === "input" }));
  });
}

/** What Slack's client says under fields that cannot be sent as they are, by block id. */
export function problemsIn(form: Form): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { block, blockId, element, inInput } of form.fields) {
    const entry = form.entry(blockId, element);
    const empty = entry === null || entry === "" || (Array.isArray(entry) && entry.length === 0);
    if (inInput && empty && !block.optional) problems[blockId] = "Please complete this required field.";
    else if (typeof entry === "string" && !empty) {
      const { min_length: least = 0, max_length: most = 3000 } = element;
      if (entry.length < least) problems[blockId] = `Must be at least ${least} characters.`;
      if (entry.length > most) problems[blockId] = `Must be at most ${most} characters.`;
    }
  }
  return problems;
}

export function optionsOf(element: Element): Option[] {
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

function storedEntry(state: Record<string, unknown> | undefined): Entry | undefined {
  const key = STATE_KEYS.find((each) => state && each in state);
  const value = key ? state?.[key] : undefined;
  return value === undefined || value === null ? undefined : asEntry(value);
}

function initialEntry(element: Element): Entry {
  const given = element as unknown as Record<string, unknown>;
  const key = INITIAL_KEYS.find((each) => given[each] !== undefined);
  if (key) return asEntry(given[key]);
  return element.type.startsWith("multi_") || element.type === "checkboxes" ? [] : null;
}

function asEntry(value: unknown): Entry {
  if (Array.isArray(value)) return value.map((each) => String(asEntry(each)));
  if (typeof value === "object" && value !== null) return String((value as Option).value);
  return String(value);
}

function stillOffered(element: Element, entry: Entry): boolean {
  const offered = optionsOf(element);
  if (offered.length === 0 || entry === null) return true;
  return [entry].flat().every((value) => offered.some((option) => option.value === value));
}

function withEntry(values: FormValues, blockId: string, element: Element, entry: Entry): FormValues {
  return { ...values, [blockId]: { ...values[blockId], [element.action_id ?? ""]: entry } };
}
