// Block Kit as the renderer reads it: every key optional, because a bot may send anything.
// https://docs.slack.dev/reference/block-kit

export type Text = { type: string; text: string };
export type Option = { text: Text; value?: string; description?: Text; url?: string };
export type OptionGroup = { label: Text; options: Option[] };
export type Confirm = { title?: Text; text: Text; confirm?: Text; deny?: Text; style?: string };
export type Image = { type: "image"; image_url?: string; alt_text?: string; slack_file?: { url?: string } };

export type Element = {
  type: string;
  action_id?: string;
  text?: Text;
  value?: string;
  url?: string;
  style?: string;
  icon?: string;
  accessibility_label?: string;
  confirm?: Confirm;
  placeholder?: Text;
  options?: Option[];
  option_groups?: OptionGroup[];
  initial_value?: string;
  initial_option?: Option;
  initial_options?: Option[];
  initial_user?: string;
  initial_users?: string[];
  initial_conversation?: string;
  initial_conversations?: string[];
  initial_channel?: string;
  initial_channels?: string[];
  initial_date?: string;
  initial_time?: string;
  initial_date_time?: number;
  multiline?: boolean;
  min_length?: number;
  max_length?: number;
  min_value?: string;
  max_value?: string;
  is_decimal_allowed?: boolean;
  min_query_length?: number;
  max_selected_items?: number;
  focus_on_load?: boolean;
  dispatch_action_config?: { trigger_actions_on?: string[] };
  positive_button?: { text: Text; value: string };
  negative_button?: { text: Text; value: string };
  image_url?: string;
  alt_text?: string;
};

export type RichElement = {
  type: string;
  text?: string;
  url?: string;
  name?: string;
  unicode?: string;
  user_id?: string;
  channel_id?: string;
  usergroup_id?: string;
  range?: string;
  value?: string;
  timestamp?: number;
  format?: string;
  fallback?: string;
  style?: { bold?: boolean; italic?: boolean; strike?: boolean; code?: boolean };
};

export type RichPart = {
  type: string;
  elements: (RichElement & { elements?: RichElement[] })[];
  style?: string;
  indent?: number;
  offset?: number;
};

export type Cell = { type: string; text?: string; value?: number; elements?: RichPart[] };
export type Task = {
  task_id?: string;
  title?: string;
  status?: string;
  details?: Block;
  output?: Block;
  sources?: { url: string; text: string }[];
};

export type Block = {
  type: string;
  block_id?: string;
  text?: Text | string;
  fields?: Text[];
  accessory?: Element;
  elements?: unknown[];
  element?: Element;
  label?: Text;
  hint?: Text;
  optional?: boolean;
  dispatch_action?: boolean;
  title?: Text | string;
  subtitle?: Text;
  body?: Text;
  actions?: Element[];
  icon?: Image;
  hero_image?: Image;
  image_url?: string;
  alt_text?: string;
  level?: string;
  rows?: Cell[][];
  column_settings?: { align?: string; is_wrapped?: boolean }[];
  caption?: string;
  tasks?: Task[];
  child_blocks?: Block[];
  rich_text_title?: Block;
  is_collapsible?: boolean;
  default_collapsed?: boolean;
  title_url?: string;
  description?: Text;
  provider_name?: string;
} & Task;

export function textOf(text: Text | string | undefined): string {
  return typeof text === "string" ? text : (text?.text ?? "");
}
