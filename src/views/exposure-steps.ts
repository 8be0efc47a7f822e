// The steps of opening and closing as they happen, each with its state in a word, and what it waits for.
import type { KnownBlock, RichTextElement } from "@slack/types";
import type { Exposure } from "../domain/exposure.ts";
import type { StepName } from "../domain/progress.ts";
import { bold, bullets, moment, paragraph, rich, words } from "./parts.ts";
import { CLOSING_STEPS, OPENING_STEPS, STEP_WORDS } from "./phase-words.ts";
import { plain } from "./plain-text.ts";

export type StepState = "Done" | "Under way" | "Waiting";

export type ShownStep = { step: StepName; state: StepState; at: Date | null };

/** A step that a plan had no need of counts as done once a later one is. */
export function stepsOf(exposure: Exposure): ShownStep[] {
  const order = exposure.phase === "closing" ? CLOSING_STEPS : OPENING_STEPS;
  const seen = new Map(exposure.progress.steps.map(({ step, at }) => [step, at]));
  const last = order.findLastIndex((step) => seen.has(step));
  const begun = exposure.phase !== "approved";
  return order.map((step, index) => {
    const at = seen.get(step) ?? null;
    if (index <= last) return { step, state: "Done", at };
    return { step, state: begun && index === last + 1 ? "Under way" : "Waiting", at };
  });
}

export function stepsBlock(exposure: Exposure): KnownBlock {
  const waiting = plain(exposure.progress.waiting ?? "", 400);
  return rich([
    paragraph(bold(exposure.phase === "closing" ? "Closing, step by step" : "Opening, step by step")),
    bullets(stepsOf(exposure).map(line)),
    ...(waiting ? [paragraph(bold("Not yet: "), words(waiting, 400))] : []),
  ]);
}

function line({ step, state, at }: ShownStep): RichTextElement[] {
  const text = [bold(`${state}: `), words(STEP_WORDS[step])];
  return at ? [...text, words(" ("), moment(at), words(")")] : text;
}
