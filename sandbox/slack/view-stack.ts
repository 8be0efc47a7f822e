// Open modals and Home tabs: at most three modals on top of each other per person, hashes, external ids.
import type { FormValues, SlackView } from "../contract.ts";
import { inventId, listOf, withIds } from "./elements.ts";
import { carriedOver, type Surroundings, stateValues } from "./form-state.ts";
import { refuse } from "./refusal.ts";
import type { Json, Workspace } from "./workspace.ts";

const MOST_MODALS = 3;

export type OpenView = {
  id: string;
  user: string;
  /** As Slack returns it, without the form's state. */
  view: Json;
  entered: FormValues;
  options: Map<string, Json[]>;
  errors?: Record<string, string>;
};

export type ViewStacks = {
  open(user: string, view: Json): OpenView;
  push(user: string, view: Json): OpenView;
  update(target: OpenView, view: Json, hash?: string): OpenView;
  publish(user: string, view: Json, hash?: string): OpenView;
  byId(id: string): OpenView | undefined;
  byExternalId(id: string): OpenView | undefined;
  stack(user: string): OpenView[];
  home(user: string): OpenView | undefined;
  /** Takes away this modal, or all of the person's; answers with what went. */
  close(view: OpenView): OpenView[];
  clear(user: string): OpenView[];
  surroundings(view: OpenView): Surroundings;
  /** The view with its form's state, as payloads and answers carry it. */
  render(view: OpenView, entered?: FormValues): Json;
  shown(view: OpenView): SlackView;
};

export function createViewStacks(workspace: Workspace): ViewStacks {
  const stacks = new Map<string, OpenView[]>();
  const homes = new Map<string, OpenView>();
  const all = () => [...[...stacks.values()].flat(), ...homes.values()];

  function make(user: string, given: Json, below: OpenView[]): OpenView {
    refuseTakenExternalId(all(), given);
    const id = `V${inventId()}${Date.now().toString(36)}`.replace(/[-_]/g, "0").toUpperCase();
    const root = below[0]?.id ?? id;
    return {
      id,
      user,
      view: full(workspace, given, id, root, below.at(-1)?.id ?? null),
      entered: {},
      options: new Map(),
    };
  }

  function changed(view: OpenView): OpenView {
    workspace.changed({ kind: view.view.type === "home" ? "home" : "view", user: view.user });
    return view;
  }

  const views: ViewStacks = {
    open(user, given) {
      const opened = make(user, given, []);
      stacks.set(user, [opened]);
      return changed(opened);
    },
    push(user, given) {
      const below = views.stack(user);
      if (below.length === 0) refuse("not_found");
      if (below.length >= MOST_MODALS) refuse("push_limit_reached");
      const pushed = make(user, given, below);
      stacks.set(user, [...below, pushed]);
      return changed(pushed);
    },
    update(target, given, hash) {
      if (hash !== undefined && hash !== target.view.hash) refuse("hash_conflict");
      refuseTakenExternalId(
        all().filter((each) => each !== target),
        given,
      );
      const before = target.view;
      const state = stateValues(listOf(before.blocks), target.entered, views.surroundings(target));
      rememberChosen(target, state);
      const { root_view_id: root, previous_view_id: previous } = before;
      target.view = full(workspace, given, target.id, String(root), previous as string | null);
      // What a person sees in a field stays when block_id and action_id stay, even against a new initial value.
      // https://docs.slack.dev/surfaces/modals#updating_views
      target.entered = carriedOver(listOf(before.blocks), listOf(target.view.blocks), state);
      target.errors = undefined;
      return changed(target);
    },
    publish(user, given, hash) {
      const current = homes.get(user);
      if (current) return views.update(current, given, hash);
      const published = make(user, given, []);
      homes.set(user, published);
      return changed(published);
    },
    byId: (id) => all().find((each) => each.id === id),
    byExternalId: (id) => all().find((each) => id !== "" && each.view.external_id === id),
    stack: (user) => stacks.get(user) ?? [],
    home: (user) => homes.get(user),
    close(view) {
      const stack = views.stack(view.user);
      stacks.set(view.user, stack.slice(0, Math.max(0, stack.indexOf(view))));
      changed(view);
      return stack.slice(Math.max(0, stack.indexOf(view)));
    },
    clear(user) {
      const stack = views.stack(user);
      stacks.set(user, []);
      workspace.changed({ kind: "view", user });
      return stack;
    },
    surroundings: (view) => ({
      known: (blockId, actionId) => view.options.get(`${blockId}/${actionId}`) ?? [],
      personExists: (id) => workspace.person(id) !== undefined,
      channelExists: (id) => workspace.channel(id) !== undefined,
    }),
    render(view, entered = view.entered) {
      const values = stateValues(listOf(view.view.blocks), entered, views.surroundings(view));
      return { ...structuredClone(view.view), state: { values } };
    },
    shown: (view) => ({
      id: view.id,
      hash: String(view.view.hash),
      type: view.view.type === "home" ? "home" : "modal",
      callbackId: String(view.view.callback_id),
      user: view.user,
      view: views.render(view),
      ...(view.errors ? { errors: view.errors } : {}),
    }),
  };
  return views;
}

/** What a field holds outlives its view's update, offered or not; an external select knows what was picked before that too. */
function rememberChosen(target: OpenView, state: Record<string, Json>): void {
  for (const [blockId, actions] of Object.entries(state)) {
    for (const [actionId, value] of Object.entries(actions)) {
      const { type, selected_option: one, selected_options: many } = value as Json;
      const chosen = [...listOf([one]), ...listOf(many)];
      const key = `${blockId}/${actionId}`;
      const before = String(type).includes("external") ? (target.options.get(key) ?? []) : [];
      target.options.set(key, [...before, ...chosen]);
    }
  }
}

function refuseTakenExternalId(others: OpenView[], given: Json): void {
  const taken = others.some((each) => each.view.external_id === given.external_id);
  if (given.external_id && taken) refuse("duplicate_external_id");
}

function full(workspace: Workspace, given: Json, id: string, root: string, previous: string | null): Json {
  const { title, submit = null, close = null } = given;
  return {
    id,
    team_id: workspace.seed.teamId,
    type: given.type,
    blocks: withIds(listOf(given.blocks)),
    private_metadata: given.private_metadata ?? "",
    callback_id: given.callback_id ?? "",
    state: { values: {} },
    hash: `${Math.floor(workspace.now().getTime() / 1000)}.${inventId()}`,
    title: title ?? { type: "plain_text", text: "View Title", emoji: true },
    clear_on_close: given.clear_on_close ?? false,
    notify_on_close: given.notify_on_close ?? false,
    close,
    submit,
    previous_view_id: previous,
    root_view_id: root,
    app_id: workspace.appId,
    external_id: given.external_id ?? "",
    app_installed_team_id: workspace.seed.teamId,
    bot_id: workspace.botId,
    submit_disabled: given.submit_disabled ?? false,
  };
}
