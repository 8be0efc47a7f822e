// A Slack workspace on one port: Web API, Socket Mode, response URLs, and people to act as.
import type { Seed, Shared, SlackWorkspace } from "../contract.ts";
import { createActing } from "./acting.ts";
import { chatMethods } from "./methods-chat.ts";
import { createFiles } from "./methods-files.ts";
import { authMethods, conversationMethods, userGroupMethods, userMethods } from "./methods-people.ts";
import { viewMethods } from "./methods-views.ts";
import { rateLimited } from "./payloads.ts";
import { createResponseUrls } from "./response-urls.ts";
import { createSlackServer, listen } from "./server.ts";
import { createSocketMode } from "./socket-mode.ts";
import { createTriggers } from "./triggers.ts";
import { createViewStacks } from "./view-stack.ts";
import { createWebApi, type Methods } from "./web-api.ts";
import { createWorkspace } from "./workspace.ts";

export type SlackOptions = {
  port?: number;
  host?: string;
  /** Enforce Slack's rate limits. Off by default: tests call faster than people do. */
  rateLimits?: boolean;
};

export async function startSlack(
  shared: Shared,
  seed: Seed["slack"],
  options: SlackOptions = {},
): Promise<SlackWorkspace & { methods: string[] }> {
  const { port = 0, host = "127.0.0.1", rateLimits = false } = options;
  let address = "";
  const workspace = createWorkspace(shared, seed);
  const views = createViewStacks(workspace);
  const triggers = createTriggers(() => performance.now());
  const responseUrls = createResponseUrls(workspace, () => `http://${address}`);
  const files = createFiles(workspace, () => `http://${address}`);
  const methods: Methods = {
    ...authMethods(workspace, () => sockets.ticket(address)),
    ...chatMethods(workspace),
    ...viewMethods(workspace, views, triggers),
    ...userMethods(workspace),
    ...userGroupMethods(workspace),
    ...conversationMethods(workspace),
    ...files.methods,
  };
  const call = createWebApi(workspace, methods, rateLimits);
  const routes = { call, respond: responseUrls.respond, upload: files.receive, file: files.read };
  const server = createSlackServer(shared, routes);
  const sockets = createSocketMode(server, workspace.appId, () => workspace.changed({ kind: "sockets" }));
  address = await listen(server, port, host);

  return {
    apiUrl: `http://${address}/api/`,
    methods: Object.keys(methods),
    people: workspace.people,
    channels: () => workspace.channels().map(({ botIn: _, ...channel }) => structuredClone(channel)),
    messages: workspace.visible,
    dm: (user) => workspace.openDm(user).id,
    modals: (user) => views.stack(user).map(views.shown),
    home(user) {
      const home = views.home(user);
      return home ? views.shown(home) : null;
    },
    ...createActing({ workspace, views, triggers, responseUrls, sockets }),
    setPerson: workspace.setPerson,
    setUserGroup(id, users) {
      const group = workspace.groups.get(id);
      if (!group) throw new Error(`no such user group: ${id}`);
      group.users = [...users];
      workspace.changed({ kind: "group" });
    },
    setScopes(scopes) {
      workspace.scopes.clear();
      for (const scope of scopes) workspace.scopes.add(scope);
    },
    archive(id, archived = true) {
      const channel = workspace.channel(id);
      if (!channel) throw new Error(`no such channel: ${id}`);
      channel.archived = archived;
      workspace.changed({ kind: "channel", channel: id });
    },
    deleteMessage: workspace.remove,
    sockets: sockets.count,
    recycle: (which = "one", reason = "warning") => sockets.recycle(which, reason),
    dropSockets: sockets.drop,
    freezeSockets: sockets.freeze,
    muteSockets: sockets.mute,
    sendEnvelope: sockets.deliver,
    sendRateLimited: () => sockets.deliver(rateLimited(workspace.appId, workspace.now())),
    lastEnvelopes: sockets.sent,
    onChange: workspace.onChange,
    async close() {
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
