// Acting as a person: every verb checks that the person could do this in Slack, then sends the real envelope.
import type { Delivery, FormValues, SeedPerson, SlackWorkspace } from "../contract.ts";
import { createClicks } from "./clicks.ts";
import { isObject } from "./elements.ts";
import { eventCallback, interaction, interactive, slashCommand } from "./payloads.ts";
import { createSubmissions, type Parts } from "./submissions.ts";
import type { OpenView } from "./view-stack.ts";
import type { Channel } from "./workspace.ts";

export type Acting = Pick<
  SlackWorkspace,
  "command" | "shortcut" | "act" | "options" | "submit" | "closeView" | "openHome" | "say"
>;

export function createActing(parts: Parts): Acting {
  const { workspace, views, triggers, responseUrls, sockets } = parts;
  const clicks = createClicks(parts);
  const submissions = createSubmissions(parts);

  function personAt(id: string): SeedPerson {
    const person = workspace.person(id);
    if (!person) throw new Error(`no such person: ${id}`);
    if (person.deleted) throw new Error(`${person.name} is deactivated and cannot use Slack`);
    return person;
  }

  function channelFor(user: string, id: string): Channel {
    const channel = workspace.channel(id);
    if (!channel || !workspace.maySee(channel, user)) throw new Error(`${user} does not see channel ${id}`);
    return channel;
  }

  function viewOf(user: string, id: string): OpenView {
    const view = views.byId(id);
    if (view?.user !== user) throw new Error(`${user} has no view ${id} open`);
    return view;
  }

  function modalOf(user: string, id: string): OpenView {
    const view = viewOf(user, id);
    if (view.view.type !== "modal") throw new Error(`view ${id} is not a modal`);
    return view;
  }

  return {
    async command(user, channelId, command, text): Promise<Delivery> {
      const person = personAt(user);
      const channel = channelFor(user, channelId);
      if (channel.archived) throw new Error(`#${channel.name} is archived`);
      const context = { user, channel: channel.id };
      const sent = {
        command,
        text: text.trim(),
        triggerId: triggers.issue({ user }),
        responseUrl: responseUrls.issue(context),
      };
      const delivery = await sockets.deliver(slashCommand(workspace, person, channel, sent));
      const answer = delivery.outcome === "acked" ? delivery.payload : null;
      if (isObject(answer) && (answer.text || answer.blocks)) responseUrls.answer(context, answer);
      return delivery;
    },
    async shortcut(user, callbackId) {
      const payload = {
        ...interaction(workspace, personAt(user), "shortcut"),
        action_ts: workspace.nextTs(),
        callback_id: callbackId,
        trigger_id: triggers.issue({ user }),
      };
      return sockets.deliver(interactive(payload));
    },
    async act(user, target, action, state: FormValues = {}) {
      const person = personAt(user);
      if ("viewId" in target) return clicks.inView(person, viewOf(user, target.viewId), action, state);
      const channel = channelFor(user, target.channel);
      if (channel.archived) throw new Error(`#${channel.name} is archived`);
      const message = workspace.find(channel.id, target.ts);
      if (!message || (message.only && message.only !== user))
        throw new Error(`${user} sees no message ${target.ts}`);
      return clicks.inMessage(person, channel, message, action, state);
    },
    async options(user, viewId, blockId, actionId, query) {
      return submissions.options(personAt(user), viewOf(user, viewId), { blockId, actionId, query });
    },
    submit: async (user, viewId, values) => submissions.submit(personAt(user), modalOf(user, viewId), values),
    closeView: async (user, viewId) => submissions.close(personAt(user), modalOf(user, viewId)),
    async openHome(user) {
      personAt(user);
      const home = views.home(user);
      const event = {
        type: "app_home_opened" as const,
        user,
        channel: workspace.openDm(user).id,
        tab: "home",
        ...(home ? { view: views.render(home) } : {}),
      };
      return sockets.deliverEvent(eventCallback(workspace, event));
    },
    say(user, channelId, text, threadTs) {
      personAt(user);
      const channel = channelFor(user, channelId);
      if (channel.archived) throw new Error(`#${channel.name} is archived`);
      return workspace.post({
        channel: channel.id,
        user,
        text,
        blocks: [],
        ...(threadTs ? { threadTs } : {}),
      });
    },
  };
}
