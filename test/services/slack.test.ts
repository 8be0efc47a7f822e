// What the bot says and asks, through Slack's real SDK, and what it makes of each refusal.
import { describe, expect, it } from "vitest";
import { createSlack } from "../../src/services/slack.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "./slack-world.ts";

const section = { type: "section", block_id: "b", text: { type: "plain_text", text: "A card" } };
const modal = {
  type: "modal",
  callback_id: "expose",
  title: { type: "plain_text", text: "Expose" },
  blocks: [section],
} as const;

async function start(options: { rateLimits?: boolean; burst?: number } = {}) {
  const world = await startWorkspace(options);
  const { log, lines } = recorder();
  const slack = createSlack({
    botToken: BOT_TOKEN,
    apiUrl: world.apiUrl,
    log,
    pace: { burst: options.burst ?? 20 },
    timeouts: { interactiveMs: 300, backgroundMs: 300, lookupMs: 300 },
  });
  const calls = (method: string) => world.journal.entries().filter(({ path }) => path.endsWith(method));
  return { ...world, slack, lines, calls };
}

describe("messages", () => {
  it("posts, replies, broadcasts and redraws, and never unfolds links", async () => {
    const { slack, workspace, calls } = await start();
    const metadata = { type: "exposure", payload: { id: "e1" } };
    const card = await slack.postMessage({ channel: "C0LEADS", text: "card", blocks: [section], metadata });
    await slack.postMessage({ channel: "C0LEADS", text: "reply", threadTs: card.ts, broadcast: true });
    await slack.updateMessage({ ...card, text: "done", blocks: [section] });
    const [first, second] = workspace.messages("C0LEADS");
    expect(first).toMatchObject({
      ts: card.ts,
      text: "done",
      metadata: { event_type: "exposure", event_payload: { id: "e1" } },
    });
    expect(first?.blocks).toHaveLength(1);
    expect(second).toMatchObject({ text: "reply", threadTs: card.ts, broadcast: true });
    for (const { body } of calls("chat.postMessage")) {
      expect(body).toMatchObject({ unfurl_links: "false", unfurl_media: "false" });
    }
    expect(await slack.permalink(card)).toContain(card.ts.replace(".", ""));
  });

  it("writes to one person, and asks once for their conversation", async () => {
    const { slack, workspace, calls } = await start();
    await slack.directMessage("U0ASHA", { text: "one" });
    await slack.directMessage("U0ASHA", { text: "two" });
    expect(workspace.messages(workspace.dm("U0ASHA"), "U0ASHA").map(({ text }) => text)).toEqual([
      "one",
      "two",
    ]);
    expect(calls("conversations.open")).toHaveLength(1);
  });

  it("asks for their conversation anew once a message was refused there", async () => {
    const { slack, faults, calls } = await start();
    await slack.directMessage("U0ASHA", { text: "one" });
    const refused = { kind: "status", status: 200, body: { ok: false, error: "channel_not_found" } } as const;
    faults.add({ vendor: "slack", path: "chat.postMessage", effect: refused });
    await expect(slack.directMessage("U0ASHA", { text: "two" })).rejects.toMatchObject({ kind: "missing" });
    await slack.directMessage("U0ASHA", { text: "two" });
    expect(calls("conversations.open")).toHaveLength(2);
  });

  it("does not post twice when Slack's answer is lost", async () => {
    const { slack, workspace, faults } = await start();
    faults.add({ vendor: "slack", path: "chat.postMessage", when: "after", effect: { kind: "drop" } });
    const posting = slack.postMessage({ channel: "C0LEADS", text: "card" });
    await expect(posting).rejects.toMatchObject({ kind: "retry", operation: "chat.postMessage" });
    expect(workspace.messages("C0LEADS")).toHaveLength(1);
  });

  it("posts after a 429, which had no effect", async () => {
    const { slack, workspace, faults } = await start();
    const limited = { kind: "status", status: 429, retryAfterSeconds: 1 } as const;
    faults.add({ vendor: "slack", path: "chat.postMessage", effect: limited });
    await slack.postMessage({ channel: "C0LEADS", text: "card" });
    expect(workspace.messages("C0LEADS")).toHaveLength(1);
  });

  it("says when to come back rather than wait too long", async () => {
    const { slack, faults, calls } = await start();
    const limited = { kind: "status", status: 429, retryAfterSeconds: 300 } as const;
    faults.add({ vendor: "slack", path: "chat.postMessage", effect: limited });
    const posting = slack.postMessage({ channel: "C0LEADS", text: "card" });
    await expect(posting).rejects.toMatchObject({
      kind: "retry",
      code: "ratelimited",
      retryAfterMs: 300_000,
    });
    expect(calls("chat.postMessage")).toHaveLength(1);
  });

  it("redraws again after a fault, since twice is once", async () => {
    const { slack, workspace, faults } = await start();
    const card = await slack.postMessage({ channel: "C0LEADS", text: "card" });
    faults.add({ vendor: "slack", path: "chat.update", effect: { kind: "status", status: 500 } });
    faults.add({ vendor: "slack", path: "chat.update", nth: 2, effect: { kind: "drop" } });
    await slack.updateMessage({ ...card, text: "done" });
    expect(workspace.messages("C0LEADS")[0]).toMatchObject({ text: "done" });
  });

  it("answers a command through its response URL", async () => {
    const { slack, workspace } = await start();
    await workspace.command("U0ASHA", "C0LEADS", "/expose", "");
    const refused = slack.respond(`${workspace.apiUrl.replace("/api/", "")}/response/nothing`, {
      text: "late",
    });
    await expect(refused).rejects.toMatchObject({ kind: "missing", code: "expired_url" });
  });
});

describe("while a person waits", () => {
  it("opens a view only with a live trigger", async () => {
    const { slack } = await start();
    await expect(slack.openView("1.2.3", modal as never)).rejects.toMatchObject({ kind: "missing" });
  });

  it("takes Slack's yes for one, whatever else the answer leaves out", async () => {
    const { slack, faults } = await start();
    const answer = (body: object) => ({ kind: "status", status: 200, body }) as const;
    faults.add({ vendor: "slack", path: "views.open", effect: answer({ ok: true, view: { id: "V1" } }) });
    expect(await slack.openView("1.2.3", modal as never)).toEqual({ viewId: "V1" });
    faults.add({ vendor: "slack", path: "views.update", effect: answer({ ok: true }) });
    expect(await slack.updateView({ viewId: "V1", view: modal as never })).toBeUndefined();
  });

  it("gives up soon, once, and says so", async () => {
    const { slack, faults, calls } = await start();
    faults.add({ vendor: "slack", path: "views.update", times: 0, effect: { kind: "hang" } });
    const change = { viewId: "V0ANY", view: modal as never };
    await expect(slack.updateView(change)).rejects.toMatchObject({
      kind: "retry",
      message: expect.stringContaining("did not answer in time"),
    });
    faults.clear();
    await expect(slack.updateView(change)).rejects.toMatchObject({ kind: "missing" });
    expect(calls("views.update").map(({ status }) => status)).toEqual([0, 200]);
  });

  it("is not held up by a limit on background posts", async () => {
    const { slack, faults, calls } = await start();
    const limited = { kind: "status", status: 429, retryAfterSeconds: 1 } as const;
    faults.add({ vendor: "slack", path: "chat.postMessage", effect: limited });
    const posting = slack.postMessage({ channel: "C0LEADS", text: "card" });
    const change = { viewId: "V0GONE", view: modal as never };
    await expect(slack.updateView(change)).rejects.toMatchObject({ kind: "missing" });
    expect(calls("chat.postMessage").filter(({ status }) => status === 200)).toHaveLength(0);
    await posting;
  });

  it("tells a view that changed underneath from one that is gone", async () => {
    const { slack } = await start();
    const change = { viewId: "V0GONE", view: modal as never };
    await expect(slack.updateView(change)).rejects.toMatchObject({ kind: "missing", code: "not_found" });
  });
});

describe("look-ups", () => {
  it("knows a person", async () => {
    const { slack } = await start();
    expect(await slack.person("U0ASHA")).toEqual({
      id: "U0ASHA",
      realName: "Asha Rao",
      email: "Asha@Lakeside.example",
      isBot: false,
      isGuest: false,
      isStranger: false,
      deleted: false,
      teamIds: ["T0TEST"],
    });
  });

  it("asks anew unless an older answer will do", async () => {
    const { slack, workspace } = await start();
    await slack.person("U0ASHA");
    workspace.setPerson("U0ASHA", { isRestricted: true });
    expect((await slack.person("U0ASHA", { maxAgeMs: 60_000 })).isGuest).toBe(false);
    expect((await slack.person("U0ASHA")).isGuest).toBe(true);
  });

  it("reads a user group as it is now", async () => {
    const { slack, workspace } = await start();
    expect(await slack.userGroupMembers("S0LEADS")).toEqual(["U0LEE"]);
    workspace.setUserGroup("S0LEADS", ["U0ASHA"]);
    expect(await slack.userGroupMembers("S0LEADS")).toEqual(["U0ASHA"]);
  });
});

describe("refusals", () => {
  it.each([
    ["not_in_channel", "denied", "/invite"],
    ["missing_scope", "denied", "Add the scope"],
    ["invalid_auth", "denied", "copy it again"],
    ["message_not_found", "missing", "deleted"],
    ["is_archived", "missing", "archived"],
    ["hash_conflict", "conflict", "hash_conflict"],
    ["invalid_blocks", "conflict", "invalid_blocks"],
    ["internal_error", "retry", "pass by itself"],
    ["<html>gateway</html>", "retry", "made no sense"],
  ])("%s is %s", async (error, kind, says) => {
    const { slack, faults } = await start();
    const body = { ok: false, error };
    faults.add({
      vendor: "slack",
      path: "chat.postMessage",
      times: 0,
      effect: { kind: "status", status: 200, body },
    });
    const posting = slack.postMessage({ channel: "C0LEADS", text: "card" });
    await expect(posting).rejects.toMatchObject({
      vendor: "slack",
      kind,
      message: expect.stringContaining(says),
    });
  });

  it.each([
    [500, "retry"],
    [503, "retry"],
    [403, "denied"],
  ])("HTTP %d is %s", async (status, kind) => {
    const { slack, faults } = await start();
    faults.add({ vendor: "slack", path: "users.info", effect: { kind: "status", status } });
    await expect(slack.person("U0ASHA")).rejects.toMatchObject({ kind, status });
  });

  it("names the missing scope, and no token", async () => {
    const { slack, workspace, lines } = await start();
    workspace.setScopes(["chat:write"]);
    const failure = await slack.userGroupMembers("S0LEADS").catch((error: Error) => error);
    expect(failure).toMatchObject({ kind: "denied", message: expect.stringContaining("(usergroups:read)") });
    expect(JSON.stringify(failure) + String(failure) + lines.join("")).not.toContain("MARKED");
  });

  it.each(["drop", "reset-body", "malformed"] as const)(
    "an answer spoilt by %s may pass by itself",
    async (kind) => {
      const { slack, faults } = await start();
      faults.add({ vendor: "slack", path: "users.info", effect: { kind } });
      await expect(slack.person("U0ASHA")).rejects.toMatchObject({ kind: "retry", vendor: "slack" });
    },
  );
});
