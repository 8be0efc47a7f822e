// auth.*, users.*, usergroups.*, conversations.*, through the real WebClient.
import { expect, test } from "vitest";
import { clientOf, refusalOf, SCOPES, SEED, startBench } from "./slack-bench.ts";

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return (await refusalOf(call)).error;
}

test("auth.test says who the bot is, and with which scopes", async () => {
  const { client } = await startBench();
  const me = await client.auth.test();
  expect(me).toMatchObject({
    user_id: "U0BRIDGE",
    bot_id: "B0BRIDGE",
    team_id: "T0HARBOR",
    is_enterprise_install: false,
  });
  expect(me.response_metadata?.scopes).toEqual(SCOPES);
});

test("api.test echoes, and an unknown method is named", async () => {
  const { client } = await startBench();
  expect(await client.apiCall("api.test", { foo: "bar" })).toMatchObject({ args: { foo: "bar" } });
  expect(await errorOf(client.api.test({ error: "my_error" }))).toBe("my_error");
  expect(await errorOf(client.apiCall("chat.unheardOf"))).toBe("unknown_method");
});

test("apps.connections.open is for the app token, and its url works once", async () => {
  const { slack, client } = await startBench();
  expect(await errorOf(client.apps.connections.open())).toBe("not_allowed_token_type");
  const { url } = await clientOf(slack.apiUrl, SEED.appToken).apps.connections.open();
  expect(await connects(url!)).toBe(true);
  expect(await connects(url!)).toBe(false);
});

test("users.info shows the person, with email and locale where allowed", async () => {
  const { slack, client } = await startBench();
  const asha = await client.users.info({ user: "U0ASHA", include_locale: true });
  expect(asha.user).toMatchObject({
    real_name: "Asha Rao",
    locale: "ja-JP",
    tz: "Asia/Tokyo",
    tz_offset: 32_400,
    profile: { email: "asha@harbor.example" },
    deleted: false,
    is_restricted: false,
  });
  slack.setScopes(["users:read"]);
  expect((await client.users.info({ user: "U0ASHA" })).user?.profile?.email).toBeUndefined();
  slack.setScopes(["chat:write"]);
  expect(await errorOf(client.users.info({ user: "U0ASHA" }))).toBe("missing_scope");
});

test("guests, strangers, bots and leavers are recognisable", async () => {
  const { slack, client } = await startBench();
  const look = async (user: string) => (await client.users.info({ user })).user;
  expect(await look("U0GUEST")).toMatchObject({ is_restricted: true, is_ultra_restricted: true });
  expect(await look("U0BRIDGE")).toMatchObject({ is_bot: true });
  slack.setPerson("U0LEE", { isStranger: true });
  expect(await look("U0LEE")).toMatchObject({ is_stranger: true });
  slack.setPerson("U0LEE", { isStranger: false, deleted: true });
  expect(await look("U0LEE")).toMatchObject({ deleted: true });
  expect(await errorOf(look("U0NOBODY"))).toBe("user_not_found");
});

test("users.lookupByEmail finds active members only", async () => {
  const { slack, client } = await startBench();
  const look = (email: string) => client.users.lookupByEmail({ email });
  expect((await look("LEE@harbor.example")).user?.id).toBe("U0LEE");
  slack.setPerson("U0LEE", { deleted: true });
  expect(await errorOf(look("lee@harbor.example"))).toBe("users_not_found");
});

test("usergroups.list and usergroups.users.list follow changes of the group", async () => {
  const { slack, client } = await startBench();
  const members = () => client.usergroups.users.list({ usergroup: "S0LEADS" });
  expect((await members()).users).toEqual(["U0LEE"]);
  slack.setUserGroup("S0LEADS", ["U0ASHA", "U0LEE"]);
  expect((await members()).users).toEqual(["U0ASHA", "U0LEE"]);
  const { usergroups } = await client.usergroups.list({ include_users: true });
  expect(usergroups).toMatchObject([{ id: "S0LEADS", handle: "leads", users: ["U0ASHA", "U0LEE"] }]);
  expect(await errorOf(client.usergroups.users.list({ usergroup: "S0NONE" }))).toBe("no_such_subteam");
});

test("conversations.open gives the direct message's id, always the same", async () => {
  const { slack, client } = await startBench();
  const { channel } = await client.conversations.open({ users: "U0ASHA" });
  expect(channel?.id).toBe(slack.dm("U0ASHA"));
  expect(await errorOf(client.conversations.open({ users: "U0NOBODY" }))).toBe("user_not_found");
  slack.setPerson("U0LEE", { deleted: true });
  expect(await errorOf(client.conversations.open({ users: "U0LEE" }))).toBe("user_disabled");
});

test("conversations.info and conversations.members show what the bot may see", async () => {
  const { slack, client } = await startBench();
  const info = async (channel: string) => (await client.conversations.info({ channel })).channel;
  expect(await info("C0OPS")).toMatchObject({
    name: "ops",
    is_member: true,
    is_private: false,
    is_archived: false,
  });
  expect(await info("C0QUIET")).toMatchObject({ is_member: false });
  expect(await errorOf(info("G0LEADS"))).toBe("channel_not_found");
  expect(await errorOf(info("G0CREW"))).toBe("missing_scope");
  slack.archive("C0OPS");
  expect(await info("C0OPS")).toMatchObject({ is_archived: true });
  const { members } = await client.conversations.members({ channel: "C0QUIET" });
  expect(members).toEqual(["U0ASHA"]);
});

async function connects(url: string): Promise<boolean> {
  const socket = new WebSocket(url);
  const opened = await new Promise<boolean>((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  socket.close();
  return opened;
}
