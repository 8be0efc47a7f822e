// What is looked up in Slack before the first command: everything that the policy names.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { ConfigError } from "../src/config-values.ts";
import { parsePolicy } from "../src/policy-file.ts";
import { checkSlack, preflight } from "../src/preflight.ts";
import { ServiceFailure } from "../src/services/failure.ts";
import type { CloudflareVendors } from "../src/vendors.ts";
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

/** Nobody answers: no problem of the configuration. */
async function away(): Promise<never> {
  throw new ServiceFailure({ kind: "retry", vendor: "cloudflare", operation: "any", message: "No answer." });
}

const CLOUDFLARE_AWAY = {
  access: { organization: away, ensureTag: away, listApplications: away },
  zones: { idsOf: away },
  tunnels: { getTunnel: away },
} as unknown as CloudflareVendors;

test("a service token for visits that the policy does not name is refused at the start, with what to do", async () => {
  const { apiUrl } = await startWorkspace();
  const slack = { botToken: BOT_TOKEN, appToken: APP_TOKEN, apiUrl, connections: 2 };
  const visitToken = { clientId: "5d1b.access", clientSecret: "b1946ac9" };
  const serviceToken = "6f1c2b1e-5a0d-4c3f-8e57-0c1f0c3b9d11";
  const started = async (config: { visitToken?: typeof visitToken }, file: object) => {
    const channels = { approvals: "C0LEADS", alerts: "C0LEADS" };
    const policy = parsePolicy(stringify(fileWith({ channels, ...file })));
    return await preflight({ slack, ...config }, policy, CLOUDFLARE_AWAY, recorder().log).then(
      () => [],
      (error: unknown) => (error instanceof ConfigError ? error.problems : [error]),
    );
  };
  expect(await started({ visitToken }, {})).toEqual([
    expect.stringMatching(
      /^VISIT_CLIENT_ID is set, but the policy names no visits\.serviceToken.* Name the id/,
    ),
  ]);
  expect(await started({ visitToken }, { visits: { serviceToken } })).toEqual([]);
  expect(await started({}, {})).toEqual([]);
});
