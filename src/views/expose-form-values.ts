// Reads the request form back, and puts problems under the fields that they belong to.
import type { FieldProblem } from "../domain/refusal.ts";
import { fieldProblemText, type NameOf } from "./field-problem-words.ts";
import { choiceOf, type FieldValue, type FormValues, minutesOf, readReason, textOf } from "./form-parts.ts";
import { blocks, inputs, type RevisedField, revisedBlock, revisionOf, UNTIL_CLOSED } from "./ids.ts";

export type ExposeFormValues = {
  /** `project/region/name`, as the service's option said. */
  serviceKey: string | null;
  /** As it was typed: a label, or a whole hostname. */
  hostname: string;
  hostnameRevision: number;
  /** Of the zones and times that were offered. */
  optionsRevision: number;
  zone: string | null;
  audiences: string[];
  people: string[];
  duration: number | typeof UNTIL_CLOSED | null;
  reason: string;
};

export function readExposeForm(values: FormValues): ExposeFormValues {
  const hostnameRevision = newest("hostname", values);
  const optionsRevision = newest("duration", values);
  const length = values[revisedBlock("duration", optionsRevision)]?.[inputs.duration];
  return {
    serviceKey: choiceOf(values[blocks.service]?.[inputs.service]),
    hostname: textOf(values[revisedBlock("hostname", hostnameRevision)]?.[inputs.hostname]),
    hostnameRevision,
    optionsRevision,
    zone: choiceOf(values[revisedBlock("zone", optionsRevision)]?.[inputs.zone]),
    audiences: optionsOf(values[blocks.audience]?.[inputs.audience]),
    people: usersOf(values[blocks.people]?.[inputs.people]),
    duration: choiceOf(length) === UNTIL_CLOSED ? UNTIL_CLOSED : minutesOf(length),
    reason: readReason(values),
  };
}

/** All problems at once, by block id. Only blocks that the form has are named: Slack drops the whole answer otherwise. */
export function formErrors(
  problems: FieldProblem[],
  values: FormValues,
  nameOf?: NameOf,
): { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  for (const problem of problems) {
    const wanted = blockOf(problem, values);
    const block = values[wanted] ? wanted : blocks.service;
    const text = fieldProblemText(problem, nameOf);
    const before = errors[block];
    if (before?.includes(text)) continue;
    errors[block] = before ? `${before} ${text}` : text;
  }
  return { errors };
}

function blockOf(problem: FieldProblem, values: FormValues): string {
  switch (problem.field) {
    case "hostname":
    case "duration":
      return revisedBlock(problem.field, newest(problem.field, values));
    case "audience":
      return problem.problem === "audience-person" || !values[blocks.audience]
        ? blocks.people
        : blocks.audience;
    case "form":
      return blocks.service;
    default:
      return blocks[problem.field];
  }
}

function newest(field: RevisedField, values: FormValues): number {
  const revisions = Object.keys(values).map((blockId) => revisionOf(field, blockId));
  return Math.max(0, ...revisions.filter((revision) => revision !== null));
}

function optionsOf(field: FieldValue | undefined): string[] {
  const options: ({ value: string } | null)[] = Array.isArray(field?.selected_options)
    ? field.selected_options
    : [];
  return options.flatMap((each) => (typeof each?.value === "string" && each.value !== "" ? each.value : []));
}

function usersOf(field: FieldValue | undefined): string[] {
  const users = Array.isArray(field?.selected_users) ? field.selected_users : [];
  return users.filter((user) => typeof user === "string" && user !== "");
}
