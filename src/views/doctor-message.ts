// What the doctor found, for the admin who asked: what is wrong with its remedy, and what is right in one line.
import type { RichTextElement } from "@slack/types";
import type { Finding, Outcome } from "../domain/finding.ts";
import { summary, worstFirst } from "./doctor-text.ts";
import { fitting } from "./fitting.ts";
import { bold, bullets, code, footnote, heading, rich, type SlackMessage, sentence, words } from "./parts.ts";
import { plain } from "./plain-text.ts";
import { spoken } from "./spoken.ts";

const MOST_CHARACTERS = 9_000;
/** The names of all checks. */
const LONGEST_PASSED = 1_000;

export const EXAMINING = "Looking at everything. This takes up to half a minute.";

export function doctorMessage(findings: Finding[]): SlackMessage {
  const amiss = worstFirst(findings).filter(({ outcome }) => outcome === "fail" || outcome === "warn");
  const shown = fitting(amiss.map(itemOf), MOST_CHARACTERS);
  const [right, hidden] = [checksThat(findings, "pass"), checksThat(findings, "unseen")];
  const more = amiss.length - shown.length;
  const blocks = [
    heading("Doctor"),
    sentence(`*${summary(findings)}*`),
    ...(shown.length > 0 ? [rich([bullets(shown)])] : []),
    footnote(
      [
        ...(more > 0 ? [`and ${more} more. npm run doctor shows all of them.`] : []),
        right.length > 0 ? `Passed: ${right.join(", ")}` : "Nothing passed.",
        ...(hidden.length > 0 ? [`Not seen from the bot: ${hidden.join(", ")}`] : []),
      ],
      LONGEST_PASSED,
    ),
  ];
  return spoken(summary(findings), blocks, blocks.slice(2));
}

function checksThat(findings: Finding[], wanted: Outcome): string[] {
  return [...new Set(findings.filter(({ outcome }) => outcome === wanted).map(({ check }) => check))];
}

function itemOf({ check, subject, outcome, evidence, remedy }: Finding): RichTextElement[] {
  return [
    bold(outcome === "fail" ? "Failed " : "Warning "),
    code(check, 40),
    words(`${subject ? ` (${plain(subject, 80)})` : ""}: ${plain(evidence, 400)}`, 500),
    ...(remedy ? [words(`\n${plain(remedy, 400)}`, 401)] : []),
  ];
}
