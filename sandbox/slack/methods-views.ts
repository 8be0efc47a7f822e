// views.*: modals opened on a trigger, updated by id and hash, pushed on a stack of three; Home tabs published.

import { isObject } from "./elements.ts";
import { refuse, refuseWithMessages } from "./refusal.ts";
import type { Triggers } from "./triggers.ts";
import { checkView } from "./view-rules.ts";
import type { OpenView, ViewStacks } from "./view-stack.ts";
import { type Methods, optional, required } from "./web-api.ts";
import type { Json, Workspace } from "./workspace.ts";

export function viewMethods(workspace: Workspace, views: ViewStacks, triggers: Triggers): Methods {
  function occasion(args: Json) {
    const traded = triggers.exchange(required(args, "trigger_id", "invalid_arguments"));
    return typeof traded === "string" ? refuse(traded) : traded;
  }
  const answer = (view: OpenView): Json => ({ view: views.render(view) });

  return {
    "views.open": {
      token: "bot",
      tier: "T4",
      run(args) {
        const view = viewArgument(args, "modal");
        return answer(views.open(occasion(args).user, view));
      },
    },
    "views.push": {
      token: "bot",
      tier: "T4",
      run(args) {
        const view = viewArgument(args, "modal");
        const { user, viewId } = occasion(args);
        // Only a click inside an open modal can push.
        if (!viewId || !views.stack(user).some((each) => each.id === viewId)) refuse("invalid_trigger_id");
        return answer(views.push(user, view));
      },
    },
    "views.update": {
      token: "bot",
      tier: "T4",
      run(args) {
        const { view_id: id, external_id: externalId } = args;
        if (!id && !externalId)
          refuseWithMessages("invalid_arguments", ["either view_id or external_id is required"]);
        const target = id ? views.byId(String(id)) : views.byExternalId(String(externalId));
        if (!target) return refuse("not_found");
        const view = viewArgument(args, target.view.type === "home" ? "home" : "modal");
        return answer(views.update(target, view, optional(args, "hash")));
      },
    },
    "views.publish": {
      token: "bot",
      tier: "T4",
      run(args) {
        const user = required(args, "user_id");
        const view = viewArgument(args, "home");
        const person = workspace.person(user);
        if (!person || person.deleted) refuse("user_not_found");
        return answer(views.publish(user, view, optional(args, "hash")));
      },
    },
  };
}

function viewArgument(args: Json, type: "modal" | "home"): Json {
  const { view } = args;
  if (view === undefined) return refuseWithMessages("invalid_arguments", ["missing required field: view"]);
  if (!isObject(view))
    return refuseWithMessages("invalid_arguments", ["must provide an object [json-pointer:/view]"]);
  return checkView(view, type);
}
