// The modal behind /expose: at most one screen of questions, refilled when the service changes.
import type {
  ExternalSelect,
  InputBlock,
  KnownBlock,
  ModalView,
  PlainTextInput,
  PlainTextOption,
} from "@slack/types";
import { type CloudRunService, serviceKey } from "../domain/service.ts";
import { fieldProblemText } from "./field-problem-words.ts";
import { alert, choices, durationInput, durationOptions, input, isWhole, reasonInput } from "./form-parts.ts";
import { blocks, inputs, revisedBlock, UNTIL_CLOSED, views } from "./ids.ts";
import { option, paragraph, plainText, rich, words } from "./parts.ts";
import { plain } from "./plain-text.ts";
import { duration } from "./time-words.ts";

export type ExposeFormState = {
  service: CloudRunService | null;
  /** The suggestion. A new one replaces what was typed only with a new `hostnameRevision`. */
  hostnameLabel: string;
  hostnameRevision?: number;
  zones: string[];
  /** The zone that is chosen beforehand, where it is offered; otherwise the first. */
  chosenZone?: string | null;
  audiences: { id: string; name: string; description: string; chosen?: boolean }[];
  durations: number[];
  /** Minutes until the review of an exposure without a set time; null where that is not allowed. */
  reviewMinutes: number | null;
  defaultMinutes: number;
  /** Without a set time beforehand, where that is allowed. */
  untilClosed?: boolean;
  /** Zones and times take the place of others only with a new one. */
  optionsRevision?: number;
  warnings?: string[];
  /** Problems of the form as a whole, shown at its top. */
  problems?: string[];
  /** What was typed before, where a new suggestion must not take its place. */
  typedHostname?: string;
};

const MOST_PEOPLE = 25;
const MOST_ALERTS = 4;
const LONGEST_KEY = 150;

/** Opened at once, while the trigger lives; filled by an update. */
export function loadingForm(): ModalView {
  return {
    ...frame(),
    blocks: [rich([paragraph(words("Reading services and policy. This takes a moment."))])],
  };
}

/** For whom there is nothing to fill in. */
export function refusedForm(why: string): ModalView {
  return { ...frame(), close: plainText("Close", 24), blocks: [alert("error", why)] };
}

export function exposeForm(state: ExposeFormState): ModalView {
  const alerts = (level: "error" | "warning", texts: string[] = []) =>
    texts.slice(0, MOST_ALERTS).map((text) => alert(level, text));
  const fields: KnownBlock[] = [
    ...alerts("error", state.problems),
    serviceInput(state),
    ...alerts("warning", state.warnings),
    ...hostnameInputs(state),
    ...audienceInputs(state),
    lengthInput(state),
    reasonInput("Approvers read this first. It is kept in the audit."),
  ];
  return { ...frame(), submit: plainText("Send Request", 24), blocks: fields };
}

/** For the service field as people type: every word must be found somewhere, names that begin with it come first. */
export function serviceOptions(services: CloudRunService[], query: string): PlainTextOption[] {
  const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (service: CloudRunService) => (service.name.toLowerCase().startsWith(terms[0] ?? "") ? 0 : 1);
  return services
    .filter((service) => terms.every((term) => haystack(service).includes(term)))
    .filter((service) => serviceKey(service).length <= LONGEST_KEY)
    .sort((a, b) => rank(a) - rank(b) || order(a.name, b.name) || order(serviceKey(a), serviceKey(b)))
    .slice(0, 100)
    .map(serviceOption);
}

function serviceOption(service: CloudRunService): PlainTextOption {
  return option(service.name, serviceKey(service), `${service.project} · ${service.region}`);
}

function haystack(service: CloudRunService): string {
  return `${serviceKey(service)} ${service.description}`.toLowerCase();
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function frame(): Omit<ModalView, "blocks" | "submit"> {
  return {
    type: "modal",
    callback_id: views.expose,
    title: plainText("Expose a Service", 24),
    close: plainText("Cancel", 24),
  };
}

function serviceInput({ service }: ExposeFormState): InputBlock {
  const known = service && serviceKey(service).length <= LONGEST_KEY ? service : null;
  const element: ExternalSelect = {
    type: "external_select",
    action_id: inputs.service,
    min_query_length: 0,
    placeholder: plainText("Type a part of its name", 150),
    ...(known ? { initial_option: serviceOption(known) } : {}),
  };
  return input(blocks.service, "Cloud Run service", element, { dispatch_action: true });
}

function hostnameInputs(state: ExposeFormState): InputBlock[] {
  const zones = zonesOffered(state.zones);
  const label = plain(state.typedHostname ?? state.hostnameLabel, 253);
  const element: PlainTextInput = {
    type: "plain_text_input",
    action_id: inputs.hostname,
    max_length: 253,
    ...(label ? { initial_value: label } : {}),
  };
  const several = zones.length > 1;
  const hint = several ? "The first part, or the whole hostname." : hostnameHint(state, label);
  const field = input(revisedBlock("hostname", state.hostnameRevision ?? 0), "Hostname", element, { hint });
  return several ? [field, zoneInput(zones, state)] : [field];
}

function hostnameHint({ service, zones }: ExposeFormState, label: string): string {
  const [only = ""] = zones;
  if (service && zones.length === 0)
    return fieldProblemText({ field: "hostname", problem: "hostname-zone", zones });
  const name = label.includes(".") || !label ? "name" : label;
  return `The first part. It becomes ${name}.${plain(only, 100) || "your zone"}.`;
}

/** Without those that an option's value could not hold; a hostname there can still be typed whole. */
function zonesOffered(zones: string[]): PlainTextOption[] {
  const fit = zones.filter((zone) => zone.length <= LONGEST_KEY);
  return fit.slice(0, 100).map((zone) => option(zone, zone));
}

function zoneInput(
  offered: PlainTextOption[],
  { chosenZone, optionsRevision = 0 }: ExposeFormState,
): InputBlock {
  const initial = offered.find((each) => each.value === chosenZone) ?? offered[0];
  return input(revisedBlock("zone", optionsRevision), "Zone", {
    type: "static_select",
    action_id: inputs.zone,
    options: offered,
    ...(initial ? { initial_option: initial } : {}),
  });
}

function audienceInputs({ audiences }: ExposeFormState): InputBlock[] {
  const offered = audiences.map(({ id, name, description }) => option(name, id, description));
  const chosen = offered.filter((each, index) => audiences[index]?.chosen && isWhole(each));
  const named = input(
    blocks.audience,
    "Who may pass",
    {
      type: "multi_static_select",
      action_id: inputs.audience,
      ...choices(offered),
      ...(chosen.length > 0 ? { initial_options: chosen } : {}),
    },
    {
      optional: true,
      hint: "Everybody in any of these, and nobody else. Choose at least one here or below.",
    },
  );
  const picked = input(
    blocks.people,
    offered.length > 0 ? "And these people" : "Who may pass",
    {
      type: "multi_users_select",
      action_id: inputs.people,
      max_selected_items: MOST_PEOPLE,
    },
    { optional: true, hint: "Members of this workspace. They log in with their Slack email." },
  );
  return offered.length > 0 ? [named, picked] : [picked];
}

function lengthInput(state: ExposeFormState): InputBlock {
  const { reviewMinutes } = state;
  const set = durationOptions(state.durations.length > 0 ? state.durations : [state.defaultMinutes]);
  const open =
    reviewMinutes === null
      ? []
      : [option(`Until closed (review in ${duration(reviewMinutes)})`, UNTIL_CLOSED)];
  const initial = state.untilClosed ? UNTIL_CLOSED : String(state.defaultMinutes);
  const block = revisedBlock("duration", state.optionsRevision ?? 0);
  return durationInput("For how long", [...set, ...open], initial, block);
}
