// What somebody may do at the click, by what Slack says of several groups: one that cannot be read takes no right away that
// another proves, and gives none.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import {
  rightOfAdmin,
  rightToApprove,
  rightToClose,
  rightToDecide,
  rightToEndAll,
  rightToExtend,
} from "../../src/handlers/rights.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { createEnders, createPeople } from "../../src/services/people.ts";
import { createSlack } from "../../src/services/slack.ts";
import { toSlackFailure } from "../../src/services/slack-failure.ts";
import { openExposure, sampleExposure } from "../domain/exposure-sample.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "../services/slack-world.ts";

const UNREADABLE = "S0UNREADABLE";

/** Everything is up to these groups, of which Slack knows one. */
async function start(groups: string[], rateLimits = false) {
  const { apiUrl, faults } = await startWorkspace({ rateLimits });
  const { log, messages } = recorder();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const file = fileWith({ rules: [{ ...RULE, approvers: { groups } }], admins: { groups } });
  const policy = parsePolicy(stringify(file, { aliasDuplicateObjects: false }));
  const asked = { slack, allowedEmailDomains: policy.peopleDomains };
  const [people, enders] = [createPeople(asked), createEnders(asked)];
  return { policy, people, enders, log, faults, messages };
}

test.each([[["S0LEADS", UNREADABLE]], [[UNREADABLE, "S0LEADS"]]])("of %j, one proves it", async (groups) => {
  const tools = await start(groups);
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject({ right: null });
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject({ right: null });
  expect(await rightOfAdmin(tools, "U0LEE")).toBeNull();
});

test("where none proves it, the one that cannot be read refuses, and says so", async () => {
  const tools = await start(["S0EMPTY", UNREADABLE]);
  const lasting = { because: "lookup-failed", mayPass: false };
  const unsure = { right: { ...lasting, what: "approver-groups" } };
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject(unsure);
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject(unsure);
  expect(await rightOfAdmin(tools, "U0LEE")).toEqual({ ...lasting, what: "admin-groups" });
  expect(tools.messages()).toContain("a user group could not be looked up");
  // What a person may do for being who they are needs no group.
  expect(await rightToClose(tools, openExposure(), "U0ASHA")).toMatchObject({ right: null });
});

test("what may pass is told from what cannot, and counts for more", async () => {
  const { faults, ...tools } = await start([UNREADABLE, "S0EMPTY"]);
  const down = { kind: "status", status: 500 } as const;
  const passing = { what: "admin-groups", mayPass: true };
  faults.add({ vendor: "slack", path: "usergroups.users.list", times: 0, effect: down });
  expect(await rightOfAdmin(tools, "U0LEE")).toMatchObject(passing);
  faults.clear();

  const isMemberOf = async (userId: string, group: string) => {
    if (group === "S0EMPTY") throw toSlackFailure("usergroups.users.list", new Error("out of reach"));
    return await tools.people.isMemberOf(userId, group);
  };
  const half = { ...tools, people: { ...tools.people, isMemberOf } };
  expect(await rightOfAdmin(half, "U0LEE")).toMatchObject(passing);

  for (const error of ["missing_scope", "user_not_found"]) {
    const effect = { kind: "status", status: 200, body: { ok: false, error } } as const;
    faults.add({ vendor: "slack", path: "users.info", effect });
    expect(await rightOfAdmin(tools, "U0LEE")).toMatchObject({ what: "account", mayPass: false });
  }
  expect(tools.messages()).toContain("an account could not be looked up");
});

test("whoever uses up Slack's look-ups keeps nobody from ending things: the last word of the last hour counts", async () => {
  const tools = await start(["S0LEADS"], true);
  expect(await rightToEndAll(tools, "U0LEE")).toBeNull();
  while ((await rightOfAdmin(tools, "U0ASHA"))?.because === "not-an-admin");
  const passing = { because: "lookup-failed", mayPass: true };
  expect(await rightOfAdmin(tools, "U0LEE")).toMatchObject(passing);
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject({ right: passing });
  expect(await rightToEndAll(tools, "U0LEE")).toBeNull();
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject({ right: null });
  expect(await rightToEndAll(tools, "U0ASHA")).toEqual({ because: "not-an-admin" });
});

test("where all can be read, whoever is in none is told so", async () => {
  const tools = await start(["S0EMPTY"]);
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject({
    right: { because: "not-an-approver" },
  });
  expect(await rightOfAdmin(tools, "U0LEE")).toEqual({ because: "not-an-admin" });
});

test("a fault of our own is no group that could not be read: it is thrown, whatever another group proves", async () => {
  const tools = await start(["S0LEADS", "S0EMPTY"]);
  const { people } = tools;
  const broken = async (userId: string, group: string) => {
    if (group === "S0EMPTY") throw new TypeError("a fault of our own");
    return await people.isMemberOf(userId, group);
  };
  const faulty = { ...tools, people: { ...people, isMemberOf: broken } };
  await expect(rightToDecide(faulty, sampleExposure(), "U0LEE")).rejects.toThrow("a fault of our own");
  await expect(rightOfAdmin(faulty, "U0LEE")).rejects.toThrow("a fault of our own");
});

/** Leads decide, whoever is in S0EMPTY may ask, and the admins are a group of their own. */
async function startWith(requesters: object, admins: object = { groups: ["S0EMPTY"] }) {
  const { apiUrl } = await startWorkspace();
  const { log } = recorder();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const policy = parsePolicy(stringify(fileWith({ rules: [{ ...RULE, requesters }], admins })));
  const people = createPeople({ slack, allowedEmailDomains: policy.peopleDomains });
  return { policy, log, people, enders: people };
}

test.each<[who: string, requesters: object, requester: string, refusal: object | null]>([
  ["may still ask", { people: ["U0ASHA"] }, "U0ASHA", null],
  ["is in the group no more", { groups: ["S0EMPTY"] }, "U0ASHA", { because: "requester-out" }],
  ["left", { people: ["U0GONE"] }, "U0GONE", { because: "requester-out" }],
  ["became a guest", { people: ["U0GUEST"] }, "U0GUEST", { because: "requester-out" }],
  [
    "is unknown to Slack",
    { people: ["U0NOBODY"] },
    "U0NOBODY",
    { because: "lookup-failed", what: "requester", mayPass: false },
  ],
  [
    "is in a group that cannot be read",
    { groups: [UNREADABLE] },
    "U0ASHA",
    { because: "lookup-failed", what: "requester-groups", mayPass: false },
  ],
])(
  "where whoever asked %s, others approve and extend accordingly",
  async (_, requesters, requester, refusal) => {
    const tools = await startWith(requesters);
    const change = { requester: { slackId: requester, email: `${requester}@lakeside.example` } };
    expect((await rightToApprove(tools, sampleExposure(change), "U0LEE")).right).toEqual(refusal);
    expect((await rightToExtend(tools, openExposure(change), "U0LEE")).right).toEqual(refusal);
    // What takes away and what ends needs nothing of theirs.
    expect((await rightToDecide(tools, sampleExposure(change), "U0LEE")).right).toBeNull();
    expect((await rightToClose(tools, openExposure(change), "U0LEE")).right).toBeNull();
  },
);

test("who may close: whoever asked, an approver and an admin, each as what they are, and nobody else", async () => {
  const tools = await startWith({ people: ["U0ASHA"] }, { people: ["U0SOLO", "U0MUTE", "U0KIM"] });
  const closing = async (userId: string, change = {}) =>
    await rightToClose(tools, openExposure(change), userId);
  expect(await closing("U0ASHA")).toMatchObject({ right: null, because: "requester" });
  expect(await closing("U0LEE")).toMatchObject({ right: null, because: "approver" });
  // A guest is no admin, whatever the policy says.
  expect((await closing("U0SOLO")).right).toMatchObject({ because: "not-a-member" });
  const asAdmin = { ...tools, policy: { ...tools.policy, admins: { groups: [], people: ["U0ASHA"] } } };
  const others = openExposure({ requester: { slackId: "U0LEE", email: "lee@lakeside.example" } });
  expect(await rightToClose(asAdmin, others, "U0ASHA")).toMatchObject({ right: null, because: "admin" });
  expect(await rightToClose(tools, others, "U0ASHA")).toMatchObject({ right: { because: "not-yours" } });
});

test("where no rule governs the service any more, admins deny, and nobody reads that it can be asked for", async () => {
  const { apiUrl } = await startWorkspace();
  const { log } = recorder();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const withAdmins = (admins: object) => {
    const policy = parsePolicy(stringify(fileWith({ rules: [{ ...RULE, services: ["reports"] }], admins })));
    const people = createPeople({ slack, allowedEmailDomains: policy.peopleDomains });
    return { policy, log, people, enders: people };
  };
  const forbids = { because: "policy-forbids", what: "service" };
  const tools = withAdmins({ groups: ["S0LEADS"] });
  expect((await rightToDecide(tools, sampleExposure(), "U0LEE")).right).toBeNull();
  expect((await rightToApprove(tools, sampleExposure(), "U0LEE")).right).toEqual(forbids);
  expect((await rightToExtend(tools, openExposure(), "U0ASHA")).right).toEqual(forbids);
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject({ right: null, because: "admin" });
  const others = withAdmins({ groups: ["S0EMPTY"] });
  expect((await rightToDecide(others, sampleExposure(), "U0LEE")).right).toEqual(forbids);
  const unread = withAdmins({ groups: [UNREADABLE] });
  expect((await rightToDecide(unread, sampleExposure(), "U0LEE")).right).toEqual({
    because: "lookup-failed",
    what: "admin-groups",
    mayPass: false,
  });
});
