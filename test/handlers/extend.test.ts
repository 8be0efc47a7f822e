// Extend refuses for the same reason by its button as by its form, whatever else is so at the same time.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Exposure } from "../../src/domain/exposure.ts";
import { onExtend, onExtendSubmitted } from "../../src/handlers/end.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { createPeople } from "../../src/services/people.ts";
import { createSlack } from "../../src/services/slack.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import { createExposures } from "../../src/store/exposures.ts";
import { blocks, buttonValue, inputs } from "../../src/views/ids.ts";
import { at, extendingExposure, openExposure } from "../domain/exposure-sample.ts";
import { onPostgres } from "../engines.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "../services/slack-world.ts";

/** What Lee, who may not extend, or Asha, who may, is told by the button, and by a form that was open before. */
async function extending(userId: string, exposure: Exposure, policyChange: object) {
  const { db } = await onPostgres();
  const decidersOf = () => ({ groups: [], people: ["U0MINA", "U0TOM"] });
  const exposures = createExposures({ db, wake: async () => undefined, digestOf: () => "shown", decidersOf });
  await exposures.submit(exposure, { actor: "U0ASHA", action: "request", at: at(0) });
  const { apiUrl } = await startWorkspace();
  const { log } = recorder();
  const rules = [{ ...RULE, approvers: { people: ["U0MINA", "U0TOM"] } }];
  const audiences = [{ id: "employees", name: "All employees", emailDomains: ["lakeside.example"] }];
  const policy = parsePolicy(stringify(fileWith({ audiences, rules, ...policyChange })));
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const people = createPeople({ slack, allowedEmailDomains: policy.peopleDomains });
  const refused: string[] = [];
  const audit = async (entries: AuditEntry[]) => void refused.push(...entries.map((each) => each.outcome));
  const tools = { exposures, policy, people, slack, log, audit, now: () => at(20) } as object as HandlerTools;
  const told: { text: string }[] = [];
  const named = buttonValue(exposure.id, "shown");
  const ack = async () => undefined;
  const click = {
    userId,
    key: "click",
    value: named,
    ack,
    answer: async (said: { text: string }) => void told.push(said),
  };
  await onExtend(tools)(click as never);
  const values = {
    [blocks.duration]: { [inputs.duration]: { selected_option: { value: "60" } } },
    [blocks.reason]: { [inputs.reason]: { value: "Not done yet" } },
  };
  const submission = {
    ...{ userId, key: "form", values, metadata: named },
    ack: async (given: { errors: Record<string, string> }) =>
      void told.push(...Object.values(given.errors).map((text) => ({ text }))),
  };
  await onExtendSubmitted(tools)(submission as never);
  return { told, refused };
}

const NARROWED = { audiences: [{ id: "harbour", name: "Harbour", emailDomains: ["harbour.example"] }] };
const CLOSED = openExposure({ phase: "closed" });

test.each<[what: string, userId: string, exposure: Exposure, policyChange: object, because: string]>([
  ["closed, for somebody who may not", "U0LEE", CLOSED, {}, "not-open"],
  ["closed, and allowed no more", "U0ASHA", CLOSED, NARROWED, "not-open"],
  ["asked for, for somebody who may not", "U0LEE", extendingExposure(), {}, "not-yours"],
  ["asked for, and allowed no more", "U0ASHA", extendingExposure(), NARROWED, "extension-pending"],
  ["allowed no more, for somebody who may not", "U0LEE", openExposure(), NARROWED, "not-yours"],
  ["allowed no more", "U0ASHA", openExposure(), NARROWED, "policy-forbids"],
])("%s", async (_, userId, exposure, policyChange, because) => {
  const { told, refused } = await extending(userId, exposure, policyChange);
  expect(refused).toEqual([because]);
  const [byButton, byForm] = told;
  expect(told).toHaveLength(2);
  // A field shows no marks.
  expect(byForm?.text).toBe(byButton?.text.replaceAll("`", ""));
});
