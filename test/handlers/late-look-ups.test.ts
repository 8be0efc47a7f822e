// A request is judged in time for Slack: what a vendor does not answer by then is told under its field, and the log says whose
// answer was late.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { serviceKey } from "../../src/domain/service.ts";
import { gatherFacts } from "../../src/handlers/request-facts.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { billing } from "../domain/exposure-sample.ts";
import { fileWith, RULE } from "../policy-sample.ts";

test("each vendor that is late is named for what it was asked", async () => {
  const never = () => new Promise<never>(() => undefined);
  const late: string[] = [];
  const people = { judge: never, isMemberOf: never };
  const tools = {
    policy: parsePolicy(stringify(fileWith({ rules: [{ ...RULE, requesters: { groups: ["S0DEVS"] } }] }))),
    log: { warn: ({ err }: { err: { vendor: string } }) => void late.push(err.vendor) },
    cloudRun: { describe: never },
    ...{ people, recentPeople: people, slack: { userGroupMembers: never } },
    surroundings: { takenBy: never, applications: never },
    exposures: { liveAt: async () => null, sameRequest: async () => null },
    guards: { isOn: async () => false },
  };
  const form = {
    ...{ serviceKey: serviceKey(billing), hostname: "billing", zone: "lakeside.example" },
    ...{ audiences: [], people: ["U0TOM"], duration: 60, reason: "Look at the invoices" },
  };
  const { failed } = await gatherFacts(tools as object as HandlerTools, "U0ASHA", form);
  const told = failed.map(({ field }, index) => `${field}: ${late[index]}`);
  expect(told.sort()).toEqual([
    "audience: slack",
    "form: slack",
    "hostname: cloudflare",
    "service: google",
    "service: slack",
  ]);
});
