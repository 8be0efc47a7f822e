// A click or a change on an element of a message, a modal or the Home tab: the block_actions payload.
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
import type { Delivery, FormValues, SeedPerson, SlackMessage } from "../contract.ts";
import { elementsOf, isObject, listOf, type Placed } from "./elements.ts";
import { enteredState, optionsOf, type Surroundings, stateValues } from "./form-state.ts";
import { messageJson } from "./methods-chat.ts";
import { interaction, interactive } from "./payloads.ts";
import { merged, type Parts } from "./submissions.ts";
import type { OpenView } from "./view-stack.ts";
import type { Channel, Json } from "./workspace.ts";

const STATELESS = ["button", "icon_button", "feedback_buttons", "workflow_button", "overflow"];

export type Click = { actionId: string; blockId?: string; value?: string | string[] | null };

export function createClicks({ workspace, views, triggers, responseUrls, sockets }: Parts) {
  const around: Surroundings = {
    known: () => [],
    personExists: (id) => workspace.person(id) !== undefined,
    channelExists: (id) => workspace.channel(id) !== undefined,
  };

  async function inMessage(
    person: SeedPerson,
    channel: Channel,
    message: SlackMessage,
    click: Click,
    state: FormValues,
  ): Promise<Delivery> {
    const placed = placeOf(message.blocks, click);
    const entered = withClick(state, placed, click);
    const ephemeral = message.only !== undefined;
    const context = { user: person.id, channel: channel.id, source: message.ts };
    const thread = message.threadTs ? { thread_ts: message.threadTs } : {};
    const payload = {
      ...interaction(workspace, person, "block_actions"),
      container: {
        type: "message",
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: ephemeral,
        ...thread,
      },
      trigger_id: triggers.issue({ user: person.id }),
      channel: { id: channel.id, name: channel.isPrivate && !channel.isIm ? "privategroup" : channel.name },
      // Slack does not store ephemeral messages, so it cannot send them along.
      ...(ephemeral ? {} : { message: messageJson(workspace, message) }),
      state: { values: stateValues(message.blocks, entered, around) },
      response_url: responseUrls.issue(context),
      actions: [actionOf(placed, click, around, workspace.nextTs())],
    };
    return sockets.deliver(interactive(payload));
  }

  async function inView(
    person: SeedPerson,
    view: OpenView,
    click: Click,
    state: FormValues,
  ): Promise<Delivery> {
    const placed = placeOf(listOf(view.view.blocks), click);
    if (placed.inInput && placed.block.dispatch_action !== true) {
      throw new Error(
        `${click.actionId} reports nothing until the form is submitted: its input has no dispatch_action`,
      );
    }
    const entered = withClick(merged(view.entered, state), placed, click);
    const surroundings = views.surroundings(view);
    const action = actionOf(placed, click, surroundings, workspace.nextTs());
    const rendered = views.render(view, entered);
    view.entered = entered;
    return sockets.deliver(
      interactive({
        ...interaction(workspace, person, "block_actions"),
        container: { type: "view", view_id: view.id },
        trigger_id: triggers.issue({ user: person.id, viewId: view.id }),
        view: rendered,
        actions: [action],
      }),
    );
  }

  return { inMessage, inView };
}

function placeOf(blocks: Json[], click: Click): Placed {
  const all = elementsOf(blocks);
  const found = all.find(
    ({ element, blockId }) => element.action_id === click.actionId && (click.blockId ?? blockId) === blockId,
  );
  if (found) return found;
  const where = click.blockId ? `${click.blockId}/${click.actionId}` : click.actionId;
  const there =
    all.map(({ element, blockId }) => `${blockId}/${String(element.action_id)}`).join(", ") || "none";
  throw new Error(`no element ${where} here now; there are: ${there}`);
}

/** The form's state after the click; buttons and overflow menus hold none. */
function withClick(state: FormValues, { element, blockId }: Placed, click: Click): FormValues {
  if (STATELESS.includes(String(element.type))) return state;
  return merged(state, { [blockId]: { [click.actionId]: click.value ?? null } });
}

function actionOf(placed: Placed, click: Click, around: Surroundings, ts: string): Json {
  const { element, blockId } = placed;
  const type = String(element.type);
  const base = { type, block_id: blockId, action_id: element.action_id, action_ts: ts };
  if (type === "button" || type === "icon_button") {
    if (click.value !== undefined && click.value !== element.value)
      throw new Error(`a button's value cannot be chosen`);
    return { ...base, text: element.text, ...pick(element, "value", "style", "confirm") };
  }
  if (type === "feedback_buttons") {
    const chosen = [element.positive_button, element.negative_button].find(
      (each) => isObject(each) && each.value === click.value,
    );
    if (!isObject(chosen)) throw new Error(`no feedback button with value ${String(click.value)}`);
    return { ...base, text: chosen.text, value: chosen.value };
  }
  if (type === "overflow") {
    const option = optionsOf(element).find((each) => each.value === click.value);
    if (!option) throw new Error(`the menu has no option ${JSON.stringify(click.value)}`);
    return { ...base, selected_option: option };
  }
  return {
    ...base,
    ...enteredState(placed, click.value ?? null, around),
    ...pick(element, "placeholder", ...initials(element)),
  };
}

function initials(element: Json): string[] {
  return Object.keys(element).filter((key) => key.startsWith("initial_"));
}

function pick(element: Json, ...keys: string[]): Json {
  return Object.fromEntries(
    keys.filter((key) => element[key] !== undefined).map((key) => [key, element[key]]),
  );
}
