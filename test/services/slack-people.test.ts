// Who counts as one of us, and what happens when that cannot be found out.
import { describe, expect, it } from "vitest";
import { createPeople } from "../../src/services/people.ts";
import { createSlack } from "../../src/services/slack.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "./slack-world.ts";

async function start(allowedEmailDomains = ["Lakeside.example"]) {
  const world = await startWorkspace();
  const timeouts = { lookupMs: 300 };
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl: world.apiUrl, log: recorder().log, timeouts });
  return { ...world, people: createPeople({ slack, allowedEmailDomains }) };
}

/** Slack says this of a member's workspaces. */
async function startAnswering(teams: Record<string, unknown>) {
  const started = await start();
  const profile = { email: "asha@lakeside.example" };
  const body = { ok: true, user: { id: "U0ASHA", profile, is_email_confirmed: true, ...teams } };
  const effect = { kind: "status", status: 200, body } as const;
  started.faults.add({ vendor: "slack", path: "users.info", effect });
  return started.people;
}

describe("judge", () => {
  it("takes a full member with an allowed email", async () => {
    const { people } = await start();
    const person = { slackId: "U0ASHA", email: "asha@lakeside.example" };
    expect(await people.judge("U0ASHA")).toEqual({ ok: true, person });
  });

  it.each([
    ["U0GUEST", "guest"],
    ["U0SOLO", "guest"],
    ["U0STRANGER", "stranger"],
    ["U0GONE", "deactivated"],
    ["U0BRIDGE", "bot"],
    ["U0MUTE", "no-email"],
    ["U0OTHER", "email-domain"],
  ])("refuses %s: %s", async (userId, because) => {
    const { people } = await start();
    expect(await people.judge(userId)).toEqual({ ok: false, because });
  });

  it("refuses everybody when no domain is allowed, and people of another workspace", async () => {
    const nobody = await start([]);
    expect(await nobody.people.judge("U0ASHA")).toEqual({ ok: false, because: "email-domain" });
    const elsewhere = await start();
    const body = { ok: true, team_id: "T0ELSE" };
    const answer = { kind: "status", status: 200, body } as const;
    elsewhere.faults.add({ vendor: "slack", path: "auth.test", effect: answer });
    expect(await elsewhere.people.judge("U0ASHA")).toEqual({ ok: false, because: "stranger" });
  });

  it.each([
    ["no workspace of its own is named", { enterprise_user: { teams: ["T0FIRST", "T0TEST"] } }],
    ["another is named", { team_id: "T0FIRST", enterprise_user: { teams: ["T0FIRST", "T0TEST"] } }],
  ])("takes a member of several workspaces of an organization where %s", async (_, teams) => {
    const people = await startAnswering(teams);
    expect(await people.judge("U0ASHA")).toMatchObject({ ok: true });
  });

  it("refuses a member of other workspaces of the organization", async () => {
    const people = await startAnswering({ enterprise_user: { teams: ["T0FIRST"] } });
    expect(await people.judge("U0ASHA")).toEqual({ ok: false, because: "stranger" });
  });

  it("throws where Slack names no workspace: nobody knows", async () => {
    const people = await startAnswering({});
    await expect(people.judge("U0ASHA")).rejects.toMatchObject({ kind: "retry" });
  });

  it("sees a change at once", async () => {
    const { people, workspace } = await start();
    expect(await people.judge("U0ASHA")).toMatchObject({ ok: true });
    workspace.setPerson("U0ASHA", { deleted: true });
    expect(await people.judge("U0ASHA")).toEqual({ ok: false, because: "deactivated" });
  });

  it("throws when it cannot be found out", async () => {
    const { people, faults } = await start();
    faults.add({ vendor: "slack", path: "users.info", effect: { kind: "hang" } });
    await expect(people.judge("U0ASHA")).rejects.toMatchObject({ kind: "retry" });
    await expect(people.judge("U0NOBODY")).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("isMemberOf", () => {
  it("knows members, and throws when the group cannot be read", async () => {
    const { people } = await start();
    expect(await people.isMemberOf("U0LEE", "S0LEADS")).toBe(true);
    expect(await people.isMemberOf("U0ASHA", "S0LEADS")).toBe(false);
    expect(await people.isMemberOf("U0LEE", "S0EMPTY")).toBe(false);
    await expect(people.isMemberOf("U0ASHA", "S0NONE")).rejects.toMatchObject({ code: "no_such_subteam" });
  });
});
