// The form was sent: judged, stored, and only then answered.

import type { Exposure } from "../domain/exposure.ts";
import { approversOf } from "../domain/policy.ts";
import type { FieldProblem } from "../domain/refusal.ts";
import { judgeRequest, type RequestForm } from "../domain/request.ts";
import { formErrors, readExposeForm } from "../views/expose-form-values.ts";
import { refusalText } from "../views/refusal-words.ts";
import { requestSent } from "../views/request-sent.ts";
import type { Submission } from "./inputs.ts";
import { gatherFacts } from "./request-facts.ts";
import { identify } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export function onRequestSubmitted(tools: HandlerTools) {
  return async (submission: Submission): Promise<void> => {
    const { userId, key, values } = submission;
    const form = readExposeForm(values);
    const [{ person, refusal }, facts] = await Promise.all([
      identify(tools, userId),
      gatherFacts(tools, userId, form),
    ]);
    if (refusal) facts.failed.push({ field: "form", problem: "vendor", text: refusalText(refusal) });
    const now = tools.now();
    const id = tools.idFor(key);
    const judged = judgeRequest(form, facts, { id, requester: person, policy: tools.policy, now });
    if (!judged.ok) {
      // Slack repeats a form whose ack did not reach it: what is in its way then is its own request.
      const sent = await tools.exposures.load(id);
      if (sent) return await tellSent(tools, submission, sent);
      return await refuse(tools, submission, form, judged.problems);
    }
    const act = { actor: userId, action: "request", at: now, key };
    const stored = await tools.exposures.submit(judged.draft, act);
    if (stored.ok) return await tellSent(tools, submission, stored.exposure);
    // Somebody else's request for this hostname came first, a moment ago.
    const taken = { field: "hostname", problem: "hostname-taken", by: "exposure", link: null } as const;
    await refuse(tools, submission, form, [taken]);
  };
}

async function tellSent(tools: HandlerTools, { ack }: Submission, exposure: Exposure): Promise<void> {
  await ack({ view: requestSent(exposure, approversOf(tools.policy, exposure.service)) });
}

async function refuse(
  tools: HandlerTools,
  { userId, values, ack }: Submission,
  form: RequestForm,
  problems: FieldProblem[],
): Promise<void> {
  const details = { problems, hostname: form.hostname.slice(0, 300), service: form.serviceKey };
  await tools.audit([
    { at: tools.now(), actor: userId, action: "request", exposureId: null, outcome: "refused", details },
  ]);
  const names = await namesIn(tools, problems);
  await ack(formErrors(problems, values, (slackId) => names.get(slackId) ?? null));
}

/** Slack was asked about these people a moment ago; what it said then will do for a name. */
async function namesIn(tools: HandlerTools, problems: FieldProblem[]): Promise<Map<string, string>> {
  const ids = problems.flatMap((each) => (each.problem === "audience-person" ? each.slackId : []));
  const found = await Promise.allSettled(ids.map((id) => tools.slack.person(id, { maxAgeMs: NAME_AGE_MS })));
  return new Map(
    found.flatMap((each) => (each.status === "fulfilled" ? [[each.value.id, each.value.realName]] : [])),
  );
}

const NAME_AGE_MS = 60_000;
