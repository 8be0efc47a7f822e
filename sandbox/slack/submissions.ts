// Modals as people use them: submitting, closing, loading options; and what the bot's answer does to the stack.
// https://docs.slack.dev/surfaces/modals#modifying
import type { Delivery, FormValues, SeedPerson } from "../contract.ts";
import { elementsOf, isObject, listOf } from "./elements.ts";
import { unsendable } from "./form-state.ts";
import { interaction, interactive } from "./payloads.ts";
import { SlackRefusal } from "./refusal.ts";
import type { ResponseUrls } from "./response-urls.ts";
import type { SocketMode } from "./socket-mode.ts";
import type { Triggers } from "./triggers.ts";
import { checkView } from "./view-rules.ts";
import type { OpenView, ViewStacks } from "./view-stack.ts";
import type { Json, Workspace } from "./workspace.ts";

export type Parts = {
  workspace: Workspace;
  views: ViewStacks;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  sockets: SocketMode;
};

export function createSubmissions({ workspace, views, triggers, responseUrls, sockets }: Parts) {
  async function submit(person: SeedPerson, view: OpenView, values: FormValues): Promise<Delivery> {
    if (views.stack(person.id).at(-1) !== view) throw new Error(`view ${view.id} is not on top`);
    if (!view.view.submit) throw new Error("this modal has no submit button");
    if (view.view.submit_disabled === true) throw new Error("the submit button is disabled");
    view.entered = merged(view.entered, values);
    view.errors = undefined;
    const rendered = views.render(view);
    const faults = unsendable(
      listOf(view.view.blocks),
      (rendered.state as { values: Record<string, Json> }).values,
    );
    if (faults.length > 0) throw new Error(`Slack would not submit: ${faults.join("; ")}`);
    const payload = {
      ...interaction(workspace, person, "view_submission"),
      trigger_id: triggers.issue({ user: person.id, viewId: view.id }),
      view: rendered,
      response_urls: requestedUrls(view, rendered),
    };
    const delivery = await sockets.deliver(interactive(payload));
    if (delivery.outcome === "acked") follow(person, view, delivery.payload);
    return delivery;
  }

  /** Does what the bot's answer to a submission says. */
  function follow(person: SeedPerson, view: OpenView, answer: unknown): void {
    const action = isObject(answer) ? answer.response_action : undefined;
    // The bot may have replaced or closed the view by the Web API in the meantime.
    const open = views.stack(person.id).includes(view);
    if (action === undefined) {
      if (open) views.close(view);
      return;
    }
    if (!isObject(answer) || !open) return;
    if (action === "errors") showErrors(view, answer.errors);
    else if (action === "clear") closed(person, views.clear(person.id), true);
    else if (action === "update") views.update(view, checkedAnswer(answer.view));
    else if (action === "push") views.push(person.id, checkedAnswer(answer.view));
    else throw new Error(`Slack does not know response_action ${String(action)}`);
  }

  function showErrors(view: OpenView, errors: unknown): void {
    const inputs = listOf(view.view.blocks).filter((block) => block.type === "input");
    const wrong = Object.keys(isObject(errors) ? errors : {}).filter(
      (blockId) => !inputs.some((block) => block.block_id === blockId),
    );
    if (!isObject(errors) || Object.keys(errors).length === 0 || wrong.length > 0) {
      throw new Error(
        `Slack refuses these errors: ${wrong.join(", ") || "none given"} is no input block of the view`,
      );
    }
    view.errors = Object.fromEntries(
      Object.entries(errors).map(([blockId, text]) => [blockId, String(text)]),
    );
    workspace.changed({ kind: "view", user: view.user });
  }

  async function close(person: SeedPerson, view: OpenView): Promise<Delivery | null> {
    const all = view.view.clear_on_close === true || views.stack(person.id)[0] === view;
    const gone = all ? views.clear(person.id) : views.close(view);
    const sent = notify(person, gone, all && gone.length > 1);
    return sent.length > 0 ? ((await Promise.all(sent)).at(-1) ?? null) : null;
  }

  function closed(person: SeedPerson, gone: OpenView[], cleared: boolean): void {
    void Promise.all(notify(person, gone, cleared));
  }

  function notify(person: SeedPerson, gone: OpenView[], cleared: boolean): Promise<Delivery>[] {
    return gone
      .filter((view) => view.view.notify_on_close === true)
      .map((view) => {
        const payload = interaction(workspace, person, "view_closed");
        return sockets.deliver(interactive({ ...payload, view: views.render(view), is_cleared: cleared }));
      });
  }

  async function options(
    person: SeedPerson,
    view: OpenView,
    sought: { blockId: string; actionId: string; query: string },
  ): Promise<unknown> {
    const { blockId, actionId, query } = sought;
    const element = elementsOf(listOf(view.view.blocks)).find(
      (each) => each.blockId === blockId && each.element.action_id === actionId,
    )?.element;
    if (!element || !String(element.type).includes("external_select")) {
      throw new Error(`no external select ${blockId}/${actionId} in this view`);
    }
    const least = typeof element.min_query_length === "number" ? element.min_query_length : 3;
    if (query.length < least) throw new Error(`Slack asks only from ${least} characters on`);
    const payload = {
      ...interaction(workspace, person, "block_suggestion"),
      container: { type: "view", view_id: view.id },
      view: views.render(view),
      action_id: actionId,
      block_id: blockId,
      value: query,
    };
    const delivery = await sockets.deliver(interactive(payload));
    if (delivery.outcome === "failed") throw new Error(`loading options failed: ${delivery.because}`);
    const loaded = offered(delivery.payload);
    const known = view.options.get(`${blockId}/${actionId}`) ?? [];
    view.options.set(`${blockId}/${actionId}`, [...known, ...loaded]);
    return delivery.payload;
  }

  function requestedUrls(view: OpenView, rendered: Json): Json[] {
    const { values } = rendered.state as { values: Record<string, Record<string, Json>> };
    return elementsOf(listOf(view.view.blocks))
      .filter(({ element }) => element.response_url_enabled === true)
      .flatMap(({ blockId, element }) => {
        const state = values[blockId]?.[String(element.action_id)];
        const channel = state?.selected_conversation ?? state?.selected_channel;
        if (typeof channel !== "string") return [];
        const url = responseUrls.issue({ user: view.user, channel });
        return [{ block_id: blockId, action_id: element.action_id, channel_id: channel, response_url: url }];
      });
  }

  return { submit, close, options };
}

/** Later values win, field by field. */
export function merged(before: FormValues, after: FormValues): FormValues {
  const both = { ...before };
  for (const [blockId, actions] of Object.entries(after)) both[blockId] = { ...both[blockId], ...actions };
  return both;
}

function checkedAnswer(view: unknown): Json {
  try {
    return checkView(isObject(view) ? view : {}, "modal");
  } catch (fault) {
    if (!(fault instanceof SlackRefusal)) throw fault;
    throw new Error(`Slack refuses the answer's view: ${fault.code} ${JSON.stringify(fault.details)}`, {
      cause: fault,
    });
  }
}

function offered(answer: unknown): Json[] {
  if (!isObject(answer)) return [];
  const groups = listOf(answer.option_groups).flatMap((group) => listOf(group.options));
  const options = [...listOf(answer.options), ...groups];
  if (options.length > 100) throw new Error("Slack shows at most 100 options");
  for (const { text, value } of options) {
    const label = isObject(text) ? String(text.text) : "";
    if (label === "" || label.length > 75)
      throw new Error(`option text must have 1 to 75 characters: ${label}`);
    if (typeof value !== "string" || value === "" || value.length > 150)
      throw new Error("option value: 1 to 150 characters");
  }
  return options;
}
