// What the doctor found, as text for a terminal: what is wrong first, then what is right.
import type { Finding, Outcome } from "../domain/finding.ts";

const OUTCOME_WORDS: Record<Outcome, string> = { fail: "FAIL", warn: "WARN", unseen: "----", pass: "pass" };

const ORDER: readonly Outcome[] = ["fail", "warn", "unseen", "pass"];

/** Each finding by its name, and the remedy under it. Vendors' text is kept to one line. */
export function doctorText(findings: Finding[]): string {
  return [...worstFirst(findings).map(lineOf), "", summary(findings)].join("\n");
}

export function worstFirst(findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
}

export function summary(findings: Finding[]): string {
  const count = (outcome: Outcome) => findings.filter((each) => each.outcome === outcome).length;
  const [fails, warns, hidden] = [count("fail"), count("warn"), count("unseen")];
  const aside = hidden > 0 ? [`${hidden} cannot be seen from here`] : [];
  if (fails + warns === 0) return `${[`All ${count("pass")} checks passed`, ...aside].join(", ")}.`;
  const parts = [
    ...(fails > 0 ? [`${fails} failed`] : []),
    ...(warns > 0 ? [`${warns} ${warns === 1 ? "warning" : "warnings"}`] : []),
    `${count("pass")} passed`,
    ...aside,
  ];
  return `${parts.join(", ")}.`;
}

function lineOf({ check, subject, outcome, evidence, remedy }: Finding): string {
  const about = subject ? `${check} (${oneLine(subject)})` : check;
  const lines = [`${OUTCOME_WORDS[outcome]}  ${about}: ${oneLine(evidence)}`];
  return [...lines, ...(remedy ? [`      -> ${oneLine(remedy)}`] : [])].join("\n");
}

/** Control characters of a vendor's text would reach the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
