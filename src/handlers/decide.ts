// Approve, Approve Shorter, Deny and Withdraw, on a request and on a wish to stay open longer.
import type { Exposure, Person } from "../domain/exposure.ts";
import { approvalsFor, ruleFor, whyTooLong } from "../domain/policy.ts";
import { type Refusal, refuse, type Verdict } from "../domain/refusal.ts";
import { whyNoLongerAllowed } from "../domain/still-allowed.ts";
import { type Event, transition, whyUndecided } from "../domain/transition.ts";
import { denyForm, readDenyForm } from "../views/deny-form.ts";
import { readMetadata } from "../views/form-parts.ts";
import { blocks, parseButtonValue } from "../views/ids.ts";
import { fieldRefusalText, refusalText } from "../views/refusal-words.ts";
import { readShorterForm, shorterForm } from "../views/shorter-form.ts";
import type { Click, Submission } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { identify, type Right, rightToApprove, rightToDecide } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

type Named = { id: string; digest: string };
/** What somebody attempts, and how their right to it is looked up. */
type Attempt = {
  action: string;
  rightTo: (tools: HandlerTools, exposure: Exposure, userId: string) => Promise<Right>;
};
type Deciding = { by: Person; at: Date; right: Refusal | null; digest: string };

/** Stored before Slack is told that it arrived. */
export function onApprove(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    const verdict = await decide(
      tools,
      parseButtonValue(click.value),
      click,
      { action: "approve", rightTo: rightToApprove },
      (deciding) => ({
        kind: "approve",
        minutes: null,
        ...deciding,
      }),
    );
    await click.ack();
    if (!verdict.ok) await click.answer({ text: refusalText(verdict) });
  };
}

export function onApproveShorter(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const asked = await mayGoOn(tools, click, "approve shorter", rightToApprove);
    if (!asked) return;
    const { exposure, named } = asked;
    const { minutes, untilClosed, hostname } = exposure;
    const durations = ruleFor(tools.policy, exposure.service)?.presets ?? [];
    const form = shorterForm({ ...named, hostname, minutes, untilClosed, durations });
    if (form) return void (await tools.slack.openView(click.triggerId, form));
    const attempt = { actor: click.userId, action: "approve shorter", exposureId: exposure.id };
    await click.answer({ text: refusalText(await refused(tools, attempt, { because: "nothing-shorter" })) });
  };
}

export function onShorterSubmitted(tools: HandlerTools) {
  return async (submission: Submission): Promise<void> => {
    const verdict = await decideShorter(tools, submission);
    await submission.ack(
      verdict.ok ? undefined : { errors: { [blocks.duration]: fieldRefusalText(verdict) } },
    );
  };
}

async function decideShorter(tools: HandlerTools, submission: Submission): Promise<Verdict<Exposure>> {
  const { minutes } = readShorterForm(submission.values);
  const named = readMetadata(submission.metadata);
  const attempt = { action: "approve shorter", rightTo: rightToApprove, minutes };
  if (minutes !== null)
    return await decide(tools, named, submission, attempt, (deciding) => ({
      kind: "approve",
      minutes,
      ...deciding,
    }));
  // Without a time it would be an approval of the whole.
  const { action } = attempt;
  return await refused(
    tools,
    { actor: submission.userId, action, exposureId: named?.id },
    { because: "nothing-shorter" },
  );
}

export function onDeny(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const asked = await mayGoOn(tools, click, "deny", rightToDecide);
    if (!asked) return;
    const { exposure, named } = asked;
    const form = denyForm({ ...named, hostname: exposure.hostname, extension: exposure.extension !== null });
    await tools.slack.openView(click.triggerId, form);
  };
}

export function onDenySubmitted(tools: HandlerTools) {
  return async (submission: Submission): Promise<void> => {
    const { reason } = readDenyForm(submission.values);
    const verdict = await decide(
      tools,
      readMetadata(submission.metadata),
      submission,
      { action: "deny", rightTo: rightToDecide, reason },
      (deciding) => ({
        kind: "deny",
        reason,
        ...deciding,
      }),
    );
    await submission.ack(verdict.ok ? undefined : { errors: { [blocks.reason]: fieldRefusalText(verdict) } });
  };
}

export function onWithdraw(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    const verdict = await withdraw(tools, click);
    await click.ack();
    if (!verdict.ok) await click.answer({ text: refusalText(verdict) });
    // The card shows what comes of it; a list, which has no message, does not.
    else if (!click.message) await click.answer({ text: withdrawnWords(verdict.value) });
  };
}

async function withdraw(
  tools: HandlerTools,
  { userId: actor, key, value }: Click,
): Promise<Verdict<Exposure>> {
  const attempt = { actor, action: "withdraw" };
  const named = parseButtonValue(value);
  const shown = named && (await tools.exposures.load(named.id));
  if (!shown) return await refused(tools, attempt, { because: "not-found" });
  const at = tools.now();
  const { person } = await identify(tools, actor);
  return await tools.exposures.advance(shown.id, { ...attempt, at, key }, (exposure) =>
    transition(exposure, { kind: "withdraw", by: person, at }),
  );
}

function withdrawnWords({ hostname, phase }: Exposure): string {
  return phase === "withdrawn"
    ? `The request for ${hostname} is withdrawn. Nothing was opened.`
    : `The request for more time for ${hostname} is withdrawn. It ends as planned.`;
}

/** Looks up the right, then decides on the exposure as it stands inside the transaction. */
async function decide(
  tools: HandlerTools,
  named: Named | null,
  input: { userId: string; key: string },
  { action, rightTo, ...details }: Attempt & { reason?: string; minutes?: number | null },
  eventFor: (deciding: Deciding) => Event,
): Promise<Verdict<Exposure>> {
  const at = tools.now();
  const shown = named && (await tools.exposures.load(named.id));
  if (!named || !shown)
    return await refused(tools, { actor: input.userId, action, details }, { because: "not-found" });
  const { person, right } = await rightTo(tools, shown, input.userId);
  const act = {
    actor: input.userId,
    action,
    at,
    key: input.key,
    details: { digest: named.digest, email: person.email || null, ...details },
  };
  const verdict = await tools.exposures.advance(named.id, act, (exposure) => {
    const event = eventFor({ by: person, at, right, digest: named.digest });
    const judged = transition(exposure, event);
    if (!judged.ok) return judged;
    if (tools.digestOf(exposure) !== exposure.digest) return refuse({ because: "stale-plan" });
    if (event.kind !== "approve") return judged;
    const { policy } = tools;
    const refusal = whyNoLongerAllowed(policy, exposure) ?? whyTooLong(policy, exposure, event.minutes);
    return refusal ? refuse(refusal) : judged;
  });
  if (!verdict.ok && verdict.because === "stale-plan") await replan(tools, named.id, at);
  return verdict;
}

/** Where the policy changed since the card was drawn: it is drawn anew, and what was voted is void. */
async function replan(tools: HandlerTools, id: string, at: Date): Promise<void> {
  await tools.exposures.advance(id, { actor: "policy", action: "replan", at }, (exposure) => {
    if (tools.digestOf(exposure) === exposure.digest) return null;
    const approvalsNeeded = approvalsFor(tools.policy, exposure);
    const replanned = transition(exposure, { kind: "replan", approvalsNeeded });
    return replanned.ok ? replanned : null;
  });
}

/** For buttons that only open a modal: tells at once what the submission would be refused for. */
async function mayGoOn(
  tools: HandlerTools,
  click: Click,
  action: string,
  rightTo: Attempt["rightTo"],
): Promise<{ exposure: Exposure; named: Named } | null> {
  const at = tools.now();
  const actor = click.userId;
  const named = parseButtonValue(click.value);
  const exposure = named && (await tools.exposures.load(named.id));
  if (!named || !exposure) {
    await click.answer({
      text: refusalText(await refused(tools, { actor, action }, { because: "not-found" })),
    });
    return null;
  }
  const { id } = exposure;
  const { digest } = named;
  const { person, right } = await rightTo(tools, exposure, actor);
  const refusal = whyUndecided(exposure, { by: person, at, right, digest });
  if (!refusal) return { exposure, named };
  await refused(tools, { actor, action, exposureId: id, details: { digest } }, refusal);
  await click.answer({ text: refusalText(refusal) });
  return null;
}
