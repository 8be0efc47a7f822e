// The surface of a modal or a Home tab: its form, and clicks that carry the form's state.
import { useState } from "preact/hooks";
import type { SlackView } from "../contract.ts";
import { post, Refused } from "./api.ts";
import { type Form, useForm, type ViewState } from "./blocks/form.ts";
import type { Surface } from "./blocks/surface.ts";
import type { Block, Element, Option, OptionGroup } from "./blocks/types.ts";
import { failureWords, useDesk } from "./desk.ts";
import { isField } from "./message.tsx";

export function useViewSurface(
  view: SlackView,
  errors: Record<string, string> = {},
): { surface: Surface; form: Form } {
  const { state, perform, confirm } = useDesk();
  const [busy, setBusy] = useState<string | null>(null);
  const blocks = (view.view.blocks ?? []) as Block[];
  const stored = (view.view.state as { values?: ViewState } | undefined)?.values;
  const form = useForm(blocks, stored);
  const surface: Surface = {
    kind: view.type,
    id: `view-${view.id}`,
    form,
    errors,
    busy,
    async act(blockId, element, value) {
      if (element.confirm && !(await confirm(element.confirm))) return;
      const holds = isField(form, blockId, element.action_id) && value !== undefined;
      if (holds) form.set(blockId, element, value);
      setBusy(`${blockId}/${element.action_id}`);
      const body = {
        user: state.as,
        target: { viewId: view.id },
        action: { actionId: element.action_id, blockId, value },
        state: form.values(holds ? { blockId, element, entry: value } : undefined),
      };
      await perform(post("/slack/act", body), failureWords(`${state.app.name}: this action`));
      setBusy(null);
    },
    loadOptions: (blockId, element, query) => loadOptions(state.as, view.id, blockId, element, query),
  };
  return { surface, form };
}

async function loadOptions(
  user: string,
  viewId: string,
  blockId: string,
  element: Element,
  query: string,
): Promise<OptionGroup[]> {
  const body = { user, viewId, blockId, actionId: element.action_id, query };
  const answer = await post<{ options?: Option[]; option_groups?: OptionGroup[] } | null>(
    "/slack/options",
    body,
  );
  if (!answer) throw new Refused("no options came");
  if (answer.option_groups) return answer.option_groups;
  return [{ label: { type: "plain_text", text: "" }, options: answer.options ?? [] }];
}
