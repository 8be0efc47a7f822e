// Close and Extend, by button and by command.
import { type Exposure, minutesAfter } from "../domain/exposure.ts";
import { isFreeExtension, ruleFor } from "../domain/policy.ts";
import type { Verdict } from "../domain/refusal.ts";
import { transition } from "../domain/transition.ts";
import { extendForm, readExtendForm } from "../views/extend-form.ts";
import { readMetadata } from "../views/form-parts.ts";
import { blocks, parseButtonValue } from "../views/ids.ts";
import { refusalText } from "../views/words.ts";
import type { Click, Command, Submission } from "./inputs.ts";
import { rightToClose } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export function onClose(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    const named = parseButtonValue(click.value);
    const exposure = named && (await tools.exposures.load(named.id));
    const verdict = exposure
      ? await close(tools, exposure, click)
      : ({ ok: false, because: "not-found" } as const);
    await click.ack();
    if (!verdict.ok) await click.answer({ text: refusalText(verdict) });
  };
}

/** `/expose close <hostname>`: the whole hostname, or its first label where that names one exposure. */
export async function closeByCommand(tools: HandlerTools, command: Command, typed: string): Promise<void> {
  const hostname = typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "");
  const live = await tools.exposures.live();
  const found = live.filter((each) => each.hostname === hostname || each.hostname.split(".")[0] === hostname);
  const [exposure, ...more] = found;
  const verdict =
    exposure && more.length === 0
      ? await close(tools, exposure, { userId: command.userId, key: `close-${command.triggerId}` })
      : ({ ok: false, because: "no-such-exposure", hostname } as const);
  await command.ack();
  const text = verdict.ok
    ? `Closing ${verdict.value.hostname}. The card shows each step.`
    : refusalText(verdict);
  await command.answer({ text });
}

async function close(
  tools: HandlerTools,
  shown: Exposure,
  input: { userId: string; key: string },
): Promise<Verdict<Exposure>> {
  const at = tools.now();
  const { person, right } = await rightToClose(tools, shown, input.userId);
  const act = { actor: input.userId, action: "close", at, key: input.key };
  return await tools.exposures.advance(shown.id, act, (exposure) => {
    const because = person.slackId === exposure.requester.slackId ? "requester" : "approver";
    return transition(exposure, { kind: "close", because, detail: null, by: person, at, right });
  });
}

export function onExtend(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const named = parseButtonValue(click.value);
    const exposure = named && (await tools.exposures.load(named.id));
    if (!named || !exposure) return await click.answer({ text: refusalText({ because: "not-found" }) });
    const rule = ruleFor(tools.policy, exposure.service);
    const { right } = await rightToClose(tools, exposure, click.userId);
    if (right) return await refuseExtension(tools, click, exposure, right);
    if (exposure.phase !== "open")
      return await refuseExtension(tools, click, exposure, { because: "not-open" });
    const form = extendForm({
      ...named,
      hostname: exposure.hostname,
      endsAt: exposure.endsAt,
      durations: rule?.presets ?? [],
      freeMinutes: Math.max(0, (rule?.freeExtensionMinutes ?? 0) - exposure.extendedMinutes),
    });
    await tools.slack.openView(click.triggerId, form);
  };
}

async function refuseExtension(
  tools: HandlerTools,
  click: Click,
  { id }: Exposure,
  refusal: Parameters<typeof refusalText>[0],
): Promise<void> {
  const entry = { at: tools.now(), actor: click.userId, action: "extend", exposureId: id };
  await tools.audit([{ ...entry, outcome: refusal.because, details: { ...refusal } }]);
  await click.answer({ text: refusalText(refusal) });
}

export function onExtendSubmitted(tools: HandlerTools) {
  return async (submission: Submission): Promise<void> => {
    const verdict = await extend(tools, submission);
    await submission.ack(verdict.ok ? undefined : { errors: { [blocks.duration]: refusalText(verdict) } });
  };
}

async function extend(tools: HandlerTools, submission: Submission): Promise<Verdict<Exposure>> {
  const at = tools.now();
  const named = readMetadata(submission.metadata);
  const shown = named && (await tools.exposures.load(named.id));
  if (!named || !shown) return { ok: false, because: "not-found" };
  const { minutes, reason } = readExtendForm(submission.values);
  const maxMinutes = ruleFor(tools.policy, shown.service)?.maxMinutes ?? 0;
  if (minutes === null || minutes < 1 || minutes > maxMinutes)
    return { ok: false, because: "over-maximum", maxMinutes };
  if (reason.trim() === "") return { ok: false, because: "reason-missing" };
  const { person, right } = await rightToClose(tools, shown, submission.userId);
  const act = {
    actor: submission.userId,
    action: "extend",
    at,
    key: submission.key,
    details: { minutes, reason },
  };
  return await tools.exposures.advance(named.id, act, (exposure) => {
    const free = isFreeExtension(tools.policy, exposure, minutes);
    const lapsesAt = minutesAfter(at, tools.policy.lapseMinutes);
    return transition(exposure, { kind: "extend", minutes, free, reason, lapsesAt, by: person, at, right });
  });
}
