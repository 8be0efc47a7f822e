// Slack's limits for text objects, options, confirm dialogs and every interactive element.
// https://docs.slack.dev/reference/block-kit/block-elements
import { listOf } from "./elements.ts";
import {
  all,
  anything,
  list,
  matching,
  oneOf,
  type Rule,
  shape,
  text,
  truth,
  typed,
  when,
  whole,
} from "./rules.ts";
import type { Json } from "./workspace.ts";

export const ID = text(255);
const URL = all(text(3000), matching(/^https?:\/\/\S+$/, "url"));
const DATE = matching(/^\d{4}-\d{2}-\d{2}$/, "date");
const TIME = matching(/^([01]\d|2[0-3]):[0-5]\d$/, "time");
const SLACK_ID = matching(/^[A-Z][A-Z0-9]+$/, "id");

export function plain(most: number): Rule {
  return typed({ plain_text: shape({ text: text(most) }, { emoji: truth }) });
}

export function anyText(most: number): Rule {
  return typed({
    plain_text: shape({ text: text(most) }, { emoji: truth }),
    mrkdwn: shape({ text: text(most) }, { verbatim: truth }),
  });
}

export function mrkdwn(most: number): Rule {
  return typed({ mrkdwn: shape({ text: text(most) }, { verbatim: truth }) });
}

const CONFIRM = shape(
  { text: anyText(300) },
  { title: plain(100), confirm: plain(30), deny: plain(30), style: oneOf("primary", "danger") },
);

function option(label: Rule, extra: Record<string, Rule> = {}): Rule {
  return shape({ text: label, value: text(150) }, { description: anyText(75), ...extra });
}

const PLAIN_OPTION = option(plain(75));
const RICH_OPTION = option(anyText(75));
const GROUP = shape({ label: plain(75), options: list(PLAIN_OPTION, 1, 100) });

const ACTIONABLE = { action_id: ID };
const PICKABLE = { ...ACTIONABLE, confirm: CONFIRM, focus_on_load: truth, placeholder: plain(150) };
const MANY = { max_selected_items: whole(1, 1000) };
const FILTER = shape(
  {},
  {
    include: list(oneOf("im", "mpim", "private", "public"), 1, 4),
    exclude_external_shared_channels: truth,
    exclude_bot_users: truth,
  },
);
const DISPATCH = shape(
  {},
  { trigger_actions_on: list(oneOf("on_enter_pressed", "on_character_entered"), 1, 2) },
);

const button = shape(
  { text: plain(75) },
  {
    ...ACTIONABLE,
    url: URL,
    value: text(2000, 0),
    style: oneOf("primary", "danger"),
    confirm: CONFIRM,
    accessibility_label: text(75),
  },
);

const STATIC = {
  ...PICKABLE,
  options: list(PLAIN_OPTION, 1, 100),
  option_groups: list(GROUP, 1, 100),
};
const eitherOptions = when(
  (value) => (value.options === undefined) === (value.option_groups === undefined),
  "must define either `options` or `option_groups`",
);
const initialIsOffered = when((value) => {
  const groups = listOf(value.option_groups).flatMap((group) => listOf(group.options));
  const offered = [...listOf(value.options), ...groups].map((each) => each.value);
  const initial = [value.initial_option ?? [], value.initial_options ?? []].flat() as Json[];
  return initial.some((each) => !offered.includes(each.value));
}, "initial options must exactly match the provided options");
const uniqueValues = when(
  (value) => {
    const values = listOf(value.options).map((each) => each.value);
    return new Set(values).size < values.length;
  },
  "option values must be unique",
  "options",
);

const SUGGESTED = { ...PICKABLE, min_query_length: whole(0, 3000) };
const TEXT_INPUT = {
  ...ACTIONABLE,
  initial_value: text(3000, 0),
  placeholder: plain(150),
  dispatch_action_config: DISPATCH,
  focus_on_load: truth,
};
const CHOICES = { ...ACTIONABLE, confirm: CONFIRM, focus_on_load: truth };

const ELEMENTS: Record<string, Rule> = {
  button,
  static_select: all(shape({}, { ...STATIC, initial_option: PLAIN_OPTION }), eitherOptions, initialIsOffered),
  multi_static_select: all(
    shape({}, { ...STATIC, ...MANY, initial_options: list(PLAIN_OPTION, 1, 100) }),
    eitherOptions,
    initialIsOffered,
  ),
  external_select: shape({}, { ...SUGGESTED, initial_option: PLAIN_OPTION }),
  multi_external_select: shape({}, { ...SUGGESTED, ...MANY, initial_options: list(PLAIN_OPTION, 1, 100) }),
  users_select: shape({}, { ...PICKABLE, initial_user: SLACK_ID }),
  multi_users_select: shape({}, { ...PICKABLE, ...MANY, initial_users: list(SLACK_ID, 0, 1000) }),
  conversations_select: shape(
    {},
    {
      ...PICKABLE,
      initial_conversation: SLACK_ID,
      default_to_current_conversation: truth,
      response_url_enabled: truth,
      filter: FILTER,
    },
  ),
  multi_conversations_select: shape(
    {},
    {
      ...PICKABLE,
      ...MANY,
      initial_conversations: list(SLACK_ID, 0, 1000),
      default_to_current_conversation: truth,
      filter: FILTER,
    },
  ),
  channels_select: shape({}, { ...PICKABLE, initial_channel: SLACK_ID, response_url_enabled: truth }),
  multi_channels_select: shape({}, { ...PICKABLE, ...MANY, initial_channels: list(SLACK_ID, 0, 1000) }),
  plain_text_input: shape(
    {},
    { ...TEXT_INPUT, multiline: truth, min_length: whole(0, 3000), max_length: whole(1, 3000) },
  ),
  email_text_input: shape({}, TEXT_INPUT),
  url_text_input: shape({}, TEXT_INPUT),
  number_input: shape(
    { is_decimal_allowed: truth },
    { ...TEXT_INPUT, min_value: text(50), max_value: text(50) },
  ),
  rich_text_input: shape(
    {},
    { ...TEXT_INPUT, initial_value: anything, min_lines: whole(1, 100), max_lines: whole(1, 100) },
  ),
  radio_buttons: all(
    shape({ options: list(RICH_OPTION, 1, 10) }, { ...CHOICES, initial_option: RICH_OPTION }),
    initialIsOffered,
    uniqueValues,
  ),
  checkboxes: all(
    shape({ options: list(RICH_OPTION, 1, 10) }, { ...CHOICES, initial_options: list(RICH_OPTION, 1, 10) }),
    initialIsOffered,
    uniqueValues,
  ),
  overflow: shape(
    { options: list(option(plain(75), { url: URL }), 1, 5) },
    { ...ACTIONABLE, confirm: CONFIRM },
  ),
  datepicker: shape({}, { ...PICKABLE, initial_date: DATE }),
  timepicker: shape({}, { ...PICKABLE, initial_time: TIME, timezone: text(100) }),
  datetimepicker: shape({}, { ...CHOICES, initial_date_time: whole(1_000_000_000, 9_999_999_999) }),
  icon_button: shape(
    { icon: oneOf("trash"), text: plain(75) },
    {
      ...ACTIONABLE,
      value: text(2000),
      confirm: CONFIRM,
      accessibility_label: text(75),
      visible_to_user_ids: anything,
    },
  ),
  feedback_buttons: shape({ positive_button: anything, negative_button: anything }, ACTIONABLE),
};

export const IMAGE_ELEMENT: Rule = all(
  shape({ alt_text: text(2000) }, { image_url: URL, slack_file: anything }),
  when(
    (value) => (value.image_url === undefined) === (value.slack_file === undefined),
    "must define either `image_url` or `slack_file`",
  ),
);

/** Elements of these types only. */
export function elements(...types: string[]): Rule {
  return typed(
    Object.fromEntries(types.map((type) => [type, type === "image" ? IMAGE_ELEMENT : ELEMENTS[type]!])),
  );
}
