// The request form drawn again in its place, when another service was chosen: what people entered stays where it can still
// be chosen.
import type { ModalView } from "@slack/types";
import { type ExposeFormState, exposeForm } from "./expose-form.ts";
import { type ExposeFormValues, readExposeForm } from "./expose-form-values.ts";
import type { FormValues } from "./form-parts.ts";
import { type RevisedField, revisionOf, UNTIL_CLOSED } from "./ids.ts";

/** What Slack says of the form as it stands. */
export type ShownForm = { values: FormValues; blocks: Record<string, unknown>[] };

export function redrawnForm(state: ExposeFormState, { values, blocks }: ShownForm): ModalView {
  const entered = readExposeForm(values);
  const untouched = entered.hostname === "" || entered.hostname === suggestionIn(blocks);
  const next: ExposeFormState = {
    ...state,
    ...keptLength(state, entered),
    chosenZone: entered.zone,
    audiences: state.audiences.map((each) => ({ ...each, chosen: entered.audiences.includes(each.id) })),
    hostnameRevision: untouched ? entered.hostnameRevision + 1 : entered.hostnameRevision,
    ...(untouched ? {} : { typedHostname: entered.hostname }),
  };
  const { optionsRevision } = entered;
  const same = exposeForm({ ...next, optionsRevision });
  // A block that stays loses nothing of what is chosen in it meanwhile.
  if (optionsIn(same.blocks) === optionsIn(blocks)) return same;
  return exposeForm({ ...next, optionsRevision: optionsRevision + 1 });
}

function keptLength(
  { durations }: ExposeFormState,
  { duration }: ExposeFormValues,
): Pick<ExposeFormState, "untilClosed"> | Pick<ExposeFormState, "defaultMinutes"> {
  if (duration === UNTIL_CLOSED) return { untilClosed: true };
  return duration !== null && durations.includes(duration) ? { defaultMinutes: duration } : {};
}

type Block = { block_id?: string; element?: unknown };
type Element = { initial_value?: string; options?: { value?: string; text?: { text?: string } }[] };

function elementIn(blocks: Block[], field: RevisedField): Element | null {
  const block = blocks.find((each) => revisionOf(field, each.block_id ?? "") !== null);
  return (block?.element as Element | undefined) ?? null;
}

function suggestionIn(blocks: Block[]): string | null {
  return elementIn(blocks, "hostname")?.initial_value ?? null;
}

/** The zones and times that a form offers, in words that two forms can be compared by. */
function optionsIn(blocks: Block[]): string {
  const fields = (["zone", "duration"] as const).map((field) =>
    elementIn(blocks, field)?.options?.map(({ value, text }) => [value, text?.text]),
  );
  return JSON.stringify(fields);
}
