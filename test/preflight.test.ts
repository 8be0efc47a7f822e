// What is looked up in Slack before the first command: everything that the policy names.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parsePolicy } from "../src/policy-file.ts";
import { checkSlack } from "../src/preflight.ts";
import { fileWith, RULE } from "./policy-sample.ts";
import { APP_TOKEN, BOT_TOKEN, recorder, startWorkspace } from "./services/slack-world.ts";

test("a user group that is not there is told, wherever the policy names it", async () => {
  const { apiUrl } = await startWorkspace();
  const file = fileWith({
    channels: { approvals: "C0LEADS", alerts: "C0LEADS" },
    admins: { groups: ["S0LEADS", "S0ADMINS"] },
    rules: [{ ...RULE, requesters: { groups: ["S0ASKERS"] }, approvers: { groups: ["S0APPROVERS"] } }],
    health: { onCall: "S0ONCALL" },
  });
  const slack = { botToken: BOT_TOKEN, appToken: APP_TOKEN, apiUrl };
  const problems = await checkSlack({ slack } as never, parsePolicy(stringify(file)), recorder().log);
  expect(problems.map(({ severity, what }) => `${severity}: ${what}`).sort()).toEqual(
    ["S0ADMINS", "S0APPROVERS", "S0ASKERS", "S0ONCALL"].map((id) => `error: There is no user group ${id}.`),
  );
});
