// What a modal or a Home tab must satisfy as a whole.
// https://docs.slack.dev/reference/views
import { blocksRule } from "./block-list-rules.ts";
import { plain } from "./element-rules.ts";
import { elementsOf, listOf } from "./elements.ts";
import { refuse, refuseWithMessages } from "./refusal.ts";
import { all, inspect, type Rule, shape, text, truth, typed, when } from "./rules.ts";
import type { Json } from "./workspace.ts";

const LARGEST_VIEW = 250_000;

const SHARED = { private_metadata: text(3000, 0), callback_id: text(255, 0), external_id: text(255, 0) };
const BLOCKS = { blocks: blocksRule(100) };

const MODAL: Rule = all(
  shape(
    { title: plain(24), ...BLOCKS },
    {
      ...SHARED,
      submit: plain(24),
      close: plain(24),
      clear_on_close: truth,
      notify_on_close: truth,
      submit_disabled: truth,
    },
  ),
  when(
    (view) => view.submit === undefined && listOf(view.blocks).some((block) => block.type === "input"),
    "missing required field: submit",
  ),
  oneFocus,
);
// A Home tab takes the modal's title and buttons without using them.
const HOME: Rule = all(
  shape(BLOCKS, {
    ...SHARED,
    title: plain(24),
    submit: plain(24),
    close: plain(24),
    clear_on_close: truth,
    notify_on_close: truth,
  }),
  oneFocus,
);

export function checkView(view: Json, type: "modal" | "home"): Json {
  const rule = typed(type === "modal" ? { modal: MODAL } : { home: HOME });
  const complaints = inspect(rule, view, "/view", type);
  if (complaints.length > 0) refuseWithMessages("invalid_arguments", complaints);
  if (Buffer.byteLength(JSON.stringify(view)) > LARGEST_VIEW) refuse("view_too_large");
  return view;
}

function oneFocus(value: unknown, at: string, on: Parameters<Rule>[2]): void {
  const focused = elementsOf(listOf((value as Json).blocks)).filter(
    ({ element }) => element.focus_on_load === true,
  );
  if (focused.length > 1) on.complain("only one element can set focus_on_load", `${at}/blocks`);
}
