// A click is held against the policy of that very moment, by the exposure as it stands in the transaction: nobody need have
// looked at either since the policy was changed.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Exposure } from "../../src/domain/exposure.ts";
import { onApprove } from "../../src/handlers/decide.ts";
import type { Click } from "../../src/handlers/inputs.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { createPeople } from "../../src/services/people.ts";
import { createSlack } from "../../src/services/slack.ts";
import { createExposures } from "../../src/store/exposures.ts";
import { buttonValue } from "../../src/views/ids.ts";
import { at, sampleExposure } from "../domain/exposure-sample.ts";
import { onPostgres } from "../engines.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "../services/slack-world.ts";

const EMPLOYEES = { id: "employees", name: "All employees", emailDomains: ["lakeside.example"] };

/** A request that waits, and Lee, who presses Approve on a card of `shown`. `today`: the digest by the policy of now. */
async function approving({
  policyChange = {},
  today = "shown",
  asked = {},
}: {
  policyChange?: object;
  today?: string;
  asked?: Partial<Exposure>;
}) {
  const { db } = await onPostgres();
  let digest = "shown";
  const exposures = createExposures({
    db,
    wake: async () => undefined,
    digestOf: () => digest,
    decidersOf: () => ({ groups: [], people: ["U0LEE"] }),
  });
  const exposure = sampleExposure({ approvalsNeeded: 1, ...asked });
  await exposures.submit(exposure, { actor: "U0ASHA", action: "request", at: at(0) });
  digest = today;
  const { apiUrl } = await startWorkspace();
  const { log } = recorder();
  const policy = parsePolicy(
    stringify(
      fileWith({
        audiences: [EMPLOYEES],
        rules: [{ ...RULE, approvers: { people: ["U0LEE"] } }],
        ...policyChange,
      }),
    ),
  );
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const people = createPeople({ slack, allowedEmailDomains: policy.peopleDomains });
  const tools = { exposures, policy, people, log, digestOf: () => digest, now: () => at(15) };
  const answers: unknown[] = [];
  const click = {
    userId: "U0LEE",
    key: "click",
    value: buttonValue(exposure.id, "shown"),
    ack: async () => undefined,
    answer: async (content: unknown) => void answers.push(content),
  };
  await onApprove(tools as unknown as HandlerTools)(click as unknown as Click);
  return { stored: await exposures.load(exposure.id), answers };
}

test("what the policy of now lets be approved is", async () => {
  const { stored, answers } = await approving({});
  expect(stored).toMatchObject({ phase: "approved", votes: [{ person: { slackId: "U0LEE" } }] });
  expect(answers).toEqual([]);
});

test("a plan that the policy has changed since is not approved by the card that showed the old one", async () => {
  const { stored, answers } = await approving({ today: "changed" });
  expect(stored).toMatchObject({ phase: "pending", round: 2, digest: "changed", votes: [] });
  expect(answers).toHaveLength(1);
});

test.each<[string, object, Partial<Exposure>]>([
  ["the audience", { audiences: [{ ...EMPLOYEES, emailDomains: ["harbour.example"] }] }, {}],
  ["the service", { rules: [{ ...RULE, services: ["reports"], approvers: { people: ["U0LEE"] } }] }, {}],
  ["the hostname", { reserved: ["billing"] }, {}],
  ["as long a time", {}, { minutes: 481 }],
])(
  "what the policy allows no more cannot be approved, though nobody drew the card anew: %s",
  async (_, policyChange, asked) => {
    const { stored, answers } = await approving({ policyChange, asked });
    expect(stored).toMatchObject({ phase: "pending", round: 1, votes: [] });
    expect(answers).toHaveLength(1);
  },
);
