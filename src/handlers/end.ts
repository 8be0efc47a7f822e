// Close and Extend, by button and by command.
import type { ModalView } from "@slack/types";
import { whyNobodyCould } from "../domain/approvals.ts";
import { type Exposure, minutesAfter } from "../domain/exposure.ts";
import {
  approvalsFor,
  approversOf,
  freeMinutesOf,
  isFreeExtension,
  ruleFor,
  whyNotLonger,
} from "../domain/policy.ts";
import { type Refusal, refuse, type Verdict } from "../domain/refusal.ts";
import { whyNoLongerAllowed } from "../domain/still-allowed.ts";
import { transition, whyNotExtendable } from "../domain/transition.ts";
import { orNothing } from "../services/failure.ts";
import { inTime } from "../time-limit.ts";
import { extendForm, readExtendForm } from "../views/extend-form.ts";
import { readMetadata } from "../views/form-parts.ts";
import { blocks, parseButtonValue } from "../views/ids.ts";
import { fieldRefusalText, refusalText } from "../views/refusal-words.ts";
import { moreTimeAsked } from "../views/request-sent.ts";
import { approverIds } from "./approver-ids.ts";
import type { Click, Command, Submission } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { ending, identify, rightToClose, rightToExtend } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export function onClose(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    const named = parseButtonValue(click.value);
    const exposure = named && (await tools.exposures.load(named.id));
    const verdict = exposure
      ? await close(tools, exposure, click)
      : await refused(tools, { actor: click.userId, action: "close" }, { because: "not-found" });
    await click.ack();
    if (!verdict.ok) await click.answer({ text: refusalText(verdict) });
    // The card shows what comes of it; a list, which has no message, does not.
    else if (!click.message) await click.answer({ text: closingWords(verdict.value) });
  };
}

function closingWords({ hostname }: Exposure): string {
  return `Closing ${hostname}. The card shows each step.`;
}

/** `/expose close <hostname>`: the whole hostname, or its first label where that names one exposure. What stands is told to
 *  nobody who may not list it. */
export async function closeByCommand(tools: HandlerTools, command: Command, typed: string): Promise<void> {
  const hostname = typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
  const { userId } = command;
  const [{ refusal }, live] = await Promise.all([identify(ending(tools), userId), tools.exposures.live()]);
  const found = live.filter((each) => each.hostname === hostname || each.hostname.split(".")[0] === hostname);
  const only = found.length === 1 ? found[0] : undefined;
  const attempt = { actor: userId, action: "close", exposureId: only?.id, details: { hostname } };
  const verdict =
    only && !refusal
      ? await close(tools, only, { userId, key: `close-${command.triggerId}` })
      : await refused(tools, attempt, refusal ?? whyUnclear(hostname, found));
  await command.ack();
  await command.answer({ text: verdict.ok ? closingWords(verdict.value) : refusalText(verdict) });
}

function whyUnclear(hostname: string, found: Exposure[]): Refusal {
  const hostnames = found.map((each) => each.hostname).sort();
  return found.length > 0
    ? { because: "several-exposures", hostnames }
    : { because: "no-such-exposure", hostname };
}

async function close(
  tools: HandlerTools,
  shown: Exposure,
  input: { userId: string; key: string },
): Promise<Verdict<Exposure>> {
  const at = tools.now();
  const { person, right, because } = await rightToClose(tools, shown, input.userId);
  const act = { actor: input.userId, action: "close", at, key: input.key };
  return await tools.exposures.advance(shown.id, act, (exposure) =>
    transition(exposure, { kind: "close", because, detail: null, by: person, at, right }),
  );
}

export function onExtend(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const named = parseButtonValue(click.value);
    const exposure = named && (await tools.exposures.load(named.id));
    if (!named || !exposure) return await refuseExtension(tools, click, undefined, { because: "not-found" });
    const freeMinutes = freeMinutesOf(tools.policy, exposure);
    const [{ right }, inVain] = await Promise.all([
      rightToExtend(tools, exposure, click.userId),
      whyInVain(tools, exposure, click.userId),
    ]);
    const refusal =
      whyNotExtendable(exposure, { at: tools.now(), right }) ??
      whyNoLongerAllowed(tools.policy, exposure) ??
      (freeMinutes === 0 ? inVain : null);
    if (refusal) return await refuseExtension(tools, click, exposure.id, refusal);
    const form = extendForm({
      ...named,
      hostname: exposure.hostname,
      endsAt: exposure.endsAt,
      durations: ruleFor(tools.policy, exposure.service)?.presets ?? [],
      freeMinutes,
      onlyFree: inVain !== null,
    });
    await tools.slack.openView(click.triggerId, form);
  };
}

const LIMIT_MS = 1_500;

/** Why nobody could grant this person's wish for more time. A look-up that fails, or takes too long, refuses nothing. */
async function whyInVain(tools: HandlerTools, exposure: Exposure, userId: string): Promise<Refusal | null> {
  const rule = ruleFor(tools.policy, exposure.service);
  if (!rule) return null;
  const approvers = await inTime(orNothing(approverIds(tools, exposure.service)), LIMIT_MS, () => null);
  return approvers && whyNobodyCould(exposure, userId, approvers, rule.approvals);
}

async function refuseExtension(
  tools: HandlerTools,
  click: Click,
  exposureId: string | undefined,
  refusal: Refusal,
): Promise<void> {
  await refused(tools, { actor: click.userId, action: "extend", exposureId }, refusal);
  await click.answer({ text: refusalText(refusal) });
}

export function onExtendSubmitted(tools: HandlerTools) {
  return async (submission: Submission): Promise<void> => {
    const verdict = await extend(tools, submission);
    if (verdict.ok) return await submission.ack(whatWaits(tools, submission, verdict.value));
    const field = verdict.because === "reason-missing" ? blocks.reason : blocks.duration;
    await submission.ack({ errors: { [field]: fieldRefusalText(verdict) } });
  };
}

/** What was added at once is told in a message. */
function whatWaits(
  { policy }: HandlerTools,
  { userId }: Submission,
  exposure: Exposure,
): { view: ModalView } | undefined {
  const { extension, service } = exposure;
  if (extension?.by.slackId !== userId) return undefined;
  return { view: moreTimeAsked(exposure, extension, approversOf(policy, service)) };
}

async function extend(tools: HandlerTools, submission: Submission): Promise<Verdict<Exposure>> {
  const at = tools.now();
  const actor = submission.userId;
  const named = readMetadata(submission.metadata);
  const shown = named && (await tools.exposures.load(named.id));
  if (!named || !shown) return await refused(tools, { actor, action: "extend" }, { because: "not-found" });
  const { policy } = tools;
  const { minutes: chosen, reason } = readExtendForm(submission.values);
  const minutes = chosen ?? 0;
  const [{ person, right }, inVain] = await Promise.all([
    rightToExtend(tools, shown, actor),
    isFreeExtension(policy, shown, minutes) ? null : whyInVain(tools, shown, actor),
  ]);
  const act = { actor, action: "extend", at, key: submission.key, details: { minutes: chosen, reason } };
  return await tools.exposures.advance(named.id, act, (exposure) => {
    const free = isFreeExtension(policy, exposure, minutes);
    const lapsesAt = minutesAfter(at, policy.lapseMinutes);
    const approvalsNeeded = approvalsFor(policy, exposure);
    const wish = { minutes, free, approvalsNeeded, reason, lapsesAt };
    const verdict = transition(exposure, { kind: "extend", ...wish, by: person, at, right });
    if (!verdict.ok) return verdict;
    const refusal =
      whyNoLongerAllowed(policy, exposure) ??
      whyNotLonger(policy, exposure.service, minutes) ??
      (free ? null : inVain);
    return refusal ? refuse(refusal) : verdict;
  });
}
