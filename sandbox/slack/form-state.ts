// What a form holds: turns elements, their initial values and what a person entered into `state.values`, and refuses
// what Slack's own client would not let the person do.
import type { FormValues } from "../contract.ts";
import { elementsOf, isObject, listOf, type Placed } from "./elements.ts";
import type { Json } from "./workspace.ts";

type Entered = string | string[] | null;
/** How an element of this type speaks of its value: the key in the state, the key of its initial value, its kind. */
type Field = {
  key: string;
  initial: string;
  kind: "text" | "number" | "option" | "options" | "id" | "ids" | "raw";
};

const FIELDS: Record<string, Field> = {
  plain_text_input: { key: "value", initial: "initial_value", kind: "text" },
  email_text_input: { key: "value", initial: "initial_value", kind: "text" },
  url_text_input: { key: "value", initial: "initial_value", kind: "text" },
  number_input: { key: "value", initial: "initial_value", kind: "text" },
  rich_text_input: { key: "rich_text_value", initial: "initial_value", kind: "raw" },
  static_select: { key: "selected_option", initial: "initial_option", kind: "option" },
  external_select: { key: "selected_option", initial: "initial_option", kind: "option" },
  radio_buttons: { key: "selected_option", initial: "initial_option", kind: "option" },
  multi_static_select: { key: "selected_options", initial: "initial_options", kind: "options" },
  multi_external_select: { key: "selected_options", initial: "initial_options", kind: "options" },
  checkboxes: { key: "selected_options", initial: "initial_options", kind: "options" },
  users_select: { key: "selected_user", initial: "initial_user", kind: "id" },
  conversations_select: { key: "selected_conversation", initial: "initial_conversation", kind: "id" },
  channels_select: { key: "selected_channel", initial: "initial_channel", kind: "id" },
  multi_users_select: { key: "selected_users", initial: "initial_users", kind: "ids" },
  multi_conversations_select: {
    key: "selected_conversations",
    initial: "initial_conversations",
    kind: "ids",
  },
  multi_channels_select: { key: "selected_channels", initial: "initial_channels", kind: "ids" },
  datepicker: { key: "selected_date", initial: "initial_date", kind: "text" },
  timepicker: { key: "selected_time", initial: "initial_time", kind: "text" },
  datetimepicker: { key: "selected_date_time", initial: "initial_date_time", kind: "number" },
};

/** What a form needs to know of its surroundings. */
export type Surroundings = {
  /** Options beside those that the element has: what the bot offered for an external select so far, and what the field held
   *  when its view was updated. */
  known(blockId: string, actionId: string): Json[];
  personExists(id: string): boolean;
  channelExists(id: string): boolean;
};

/** `state.values` for these blocks. `entered` wins over initial values; a value for an element that is not there throws. */
export function stateValues(blocks: Json[], entered: FormValues, around: Surroundings): Record<string, Json> {
  const placed = elementsOf(blocks).filter(({ element }) => FIELDS[String(element.type)]);
  refuseStrays(placed, entered);
  const values: Record<string, Json> = {};
  for (const each of placed) {
    const actionId = String(each.element.action_id);
    const answer = entered[each.blockId]?.[actionId];
    const state = answer === undefined ? initialState(each.element) : enteredState(each, answer, around);
    values[each.blockId] = { ...values[each.blockId], [actionId]: state };
  }
  return values;
}

/** The state of one element after this value was entered. */
export function enteredState(placed: Placed, answer: Entered, around: Surroundings): Json {
  const { element } = placed;
  const type = String(element.type);
  const field = FIELDS[type];
  if (!field) throw new Error(`a ${type} holds no value`);
  const where = `${type} ${String(element.action_id)}`;
  if (field.kind === "options" || field.kind === "ids") {
    const chosen = answer === null ? [] : [answer].flat();
    checkCount(element, chosen, where);
    return { type, [field.key]: chosen.map((one) => chosenOne(placed, field, one, around)) };
  }
  if (Array.isArray(answer)) throw new Error(`${where} takes one value`);
  if (answer === null || answer === "") return { type, [field.key]: null };
  return { type, [field.key]: chosenOne(placed, field, answer, around) };
}

/** What the client says before it sends a form: fields that must be filled, and lengths. */
export function unsendable(blocks: Json[], values: Record<string, Json>): string[] {
  return elementsOf(blocks).flatMap(({ block, blockId, element, inInput }) => {
    const field = FIELDS[String(element.type)];
    const state = values[blockId]?.[String(element.action_id)];
    if (!inInput || !field || !isObject(state)) return [];
    const value = state[field.key];
    const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
    if (empty) return block.optional === true ? [] : [`"${labelOf(block)}" must be filled in`];
    return typeof value === "string" ? lengthFaults(element, value, labelOf(block)) : [];
  });
}

/** The values of a form as a person would enter them again, to carry them over when the view is updated. Slack keeps them
 *  for the same pair of ids, also what is offered no more, and heeds no new initial value there.
 *  https://github.com/slackapi/bolt-js/issues/290 https://github.com/slackapi/bolt-python/issues/572 */
export function carriedOver(from: Json[], to: Json[], values: Record<string, Json>): FormValues {
  const carried: FormValues = {};
  const next = elementsOf(to);
  for (const { blockId, element } of elementsOf(from)) {
    const field = FIELDS[String(element.type)];
    const actionId = String(element.action_id);
    const same = next.find((each) => each.blockId === blockId && each.element.action_id === actionId);
    const state = values[blockId]?.[actionId];
    if (!field || field.kind === "raw" || !isObject(state)) continue;
    if (!same || same.element.type !== element.type) continue;
    carried[blockId] = { ...carried[blockId], [actionId]: asEntered(state[field.key]) };
  }
  return carried;
}

export function optionsOf(element: Json): Json[] {
  return [
    ...listOf(element.options),
    ...listOf(element.option_groups).flatMap((group) => listOf(group.options)),
  ];
}

function initialState(element: Json): Json {
  const type = String(element.type);
  const field = FIELDS[type]!;
  const many = field.kind === "options" || field.kind === "ids";
  return { type, [field.key]: element[field.initial] ?? (many ? [] : null) };
}

function chosenOne(placed: Placed, field: Field, value: string, around: Surroundings): unknown {
  const { element, blockId } = placed;
  const where = `${String(element.type)} ${String(element.action_id)}`;
  if (field.kind === "number") return Number(value);
  if (field.kind === "option" || field.kind === "options") {
    const initial = [element[field.initial]].flat().filter(isObject);
    const known = around.known(blockId, String(element.action_id));
    const option = [...optionsOf(element), ...known, ...initial].find((each) => each.value === value);
    if (option) return option;
    const hint = String(element.type).includes("external") ? "; load its options first" : "";
    throw new Error(`${where} has no option ${JSON.stringify(value)}${hint}`);
  }
  if (field.kind === "id" || field.kind === "ids") {
    const known = String(element.type).includes("users")
      ? around.personExists(value)
      : around.channelExists(value);
    if (!known && !(String(element.type).includes("conversations") && around.personExists(value))) {
      throw new Error(`${where} cannot pick ${value}: it does not exist`);
    }
  }
  return value;
}

function refuseStrays(placed: Placed[], entered: FormValues): void {
  for (const [blockId, actions] of Object.entries(entered)) {
    for (const actionId of Object.keys(actions)) {
      const found = placed.some((each) => each.blockId === blockId && each.element.action_id === actionId);
      if (!found) throw new Error(`no field ${blockId}/${actionId} here; there are: ${namesOf(placed)}`);
    }
  }
}

function namesOf(placed: Placed[]): string {
  return placed.map((each) => `${each.blockId}/${String(each.element.action_id)}`).join(", ") || "none";
}

function checkCount(element: Json, chosen: string[], where: string): void {
  const most = element.max_selected_items;
  if (typeof most === "number" && chosen.length > most)
    throw new Error(`${where} takes at most ${most} values`);
}

function lengthFaults(element: Json, value: string, label: string): string[] {
  const { min_length: least, max_length: most } = element;
  if (typeof least === "number" && value.length < least)
    return [`"${label}" needs at least ${least} characters`];
  const ceiling = typeof most === "number" ? most : 3000;
  return value.length > ceiling ? [`"${label}" takes at most ${ceiling} characters`] : [];
}

function labelOf(block: Json): string {
  return isObject(block.label) ? String(block.label.text) : String(block.block_id);
}

function asEntered(value: unknown): Entered {
  if (Array.isArray(value)) return value.map((each) => (isObject(each) ? String(each.value) : String(each)));
  if (value === null || value === undefined) return null;
  return isObject(value) ? String(value.value) : String(value);
}
