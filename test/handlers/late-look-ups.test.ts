// A request is judged in time for Slack, by what is so now: what a vendor does not answer by then is told under its field, and the
// log says whose answer was late.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { serviceKey } from "../../src/domain/service.ts";
import { gatherFacts } from "../../src/handlers/request-facts.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { billing } from "../domain/exposure-sample.ts";
import { fileWith, RULE } from "../policy-sample.ts";

const never = () => new Promise<never>(() => undefined);
const form = {
  ...{ serviceKey: serviceKey(billing), hostname: "billing", zone: "lakeside.example" },
  ...{ audiences: [], people: ["U0TOM"], duration: 60, reason: "Look at the invoices" },
};

function toolsWith(people: object, warn: (of: { err: { vendor: string } }) => void): HandlerTools {
  const tools = {
    policy: parsePolicy(stringify(fileWith({ rules: [{ ...RULE, requesters: { groups: ["S0DEVS"] } }] }))),
    log: { warn },
    cloudRun: { describe: never },
    ...{ people, recentPeople: people, slack: { userGroupMembers: never } },
    surroundings: { takenBy: never, applications: never },
    exposures: { liveAt: async () => null, sameRequest: async () => null },
    guards: { isOn: async () => false },
  };
  return tools as object as HandlerTools;
}

test("each vendor that is late is named for what it was asked", async () => {
  const late: string[] = [];
  const people = { judge: never, isMemberOf: never };
  const tools = toolsWith(people, ({ err }) => void late.push(err.vendor));
  const { failed } = await gatherFacts(tools, "U0ASHA", form);
  const told = failed.map(({ field }, index) => `${field}: ${late[index]}`);
  expect(told.sort()).toEqual([
    "audience: slack",
    "form: slack",
    "hostname: cloudflare",
    "service: google",
    "service: slack",
  ]);
});

test("a group that Slack does not tell of is told as that, and not as a right that is missing", async () => {
  const away = { kind: "retry", vendor: "slack", operation: "usergroups.users.list" } as const;
  const isMemberOf = () => Promise.reject(new ServiceFailure({ ...away, message: "Slack is away." }));
  const facts = await gatherFacts(
    toolsWith({ judge: never, isMemberOf }, () => {}),
    "U0ASHA",
    form,
  );
  expect(facts.whyMayNotAsk).toBeNull();
  expect(JSON.stringify(facts.failed.filter(({ field }) => field === "service"))).toContain("Slack is away.");
});

test("a form that was open before openings were frozen is judged by the switch as it is now", async () => {
  const people = { judge: never, isMemberOf: never };
  const guards = { isOn: async (name: string) => name === "openings-frozen" };
  const tools = { ...toolsWith(people, () => {}), guards } as object as HandlerTools;
  expect((await gatherFacts(tools, "U0ASHA", form)).frozen).toBe(true);
});
