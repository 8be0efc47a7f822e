// What somebody may do at the click, by what Slack says of several groups: one that cannot be read takes no right away that
// another proves, and gives none.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { rightOfAdmin, rightToClose, rightToDecide } from "../../src/handlers/rights.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { createPeople } from "../../src/services/people.ts";
import { createSlack } from "../../src/services/slack.ts";
import { openExposure, sampleExposure } from "../domain/exposure-sample.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "../services/slack-world.ts";

const UNREADABLE = "S0UNREADABLE";

/** Everything is up to these groups, of which Slack knows one. */
async function start(groups: string[]) {
  const { apiUrl } = await startWorkspace();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log: recorder().log });
  const file = fileWith({ rules: [{ ...RULE, approvers: { groups } }], admins: { groups } });
  const policy = parsePolicy(stringify(file, { aliasDuplicateObjects: false }));
  return { policy, people: createPeople({ slack, allowedEmailDomains: policy.peopleDomains }) };
}

test.each([[["S0LEADS", UNREADABLE]], [[UNREADABLE, "S0LEADS"]]])("of %j, one proves it", async (groups) => {
  const tools = await start(groups);
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject({ right: null });
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject({ right: null });
  expect(await rightOfAdmin(tools, "U0LEE")).toBeNull();
});

test("where none proves it, the one that cannot be read refuses, and says so", async () => {
  const tools = await start(["S0EMPTY", UNREADABLE]);
  const unsure = { right: { because: "lookup-failed", what: "the approver groups" } };
  expect(await rightToDecide(tools, sampleExposure(), "U0LEE")).toMatchObject(unsure);
  expect(await rightToClose(tools, openExposure(), "U0LEE")).toMatchObject(unsure);
  expect(await rightOfAdmin(tools, "U0LEE")).toEqual({ because: "lookup-failed", what: "the admin groups" });
  // What a person may do for being who they are needs no group.
  expect(await rightToClose(tools, openExposure(), "U0ASHA")).toMatchObject({ right: null });
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
