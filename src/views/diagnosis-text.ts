// A diagnosis as text for a terminal.
import type { Diagnosis } from "../domain/diagnosis/facts.ts";

const WIDTH = 100;

const NOTHING_WRONG = "Nothing wrong found.";

export function diagnosisText(diagnoses: Diagnosis[]): string {
  if (diagnoses.length === 0) return NOTHING_WRONG;
  return diagnoses.map(one).join("\n\n");
}

function one(diagnosis: Diagnosis): string {
  const { cause, severity, confidence, connector, since, evidence, remedy } = diagnosis;
  const about = [
    `${Math.round(confidence * 100)} % sure`,
    ...(since ? [`since ${since.toISOString()}`] : []),
    ...(connector ? [`connector ${connector}`] : []),
  ];
  return [
    `${cause} (${severity})`,
    `  ${about.join(", ")}`,
    "  Evidence:",
    ...evidence.map((line) => `    ${line}`),
    "  Remedy:",
    ...wrapped(remedy).map((line) => `    ${line}`),
  ].join("\n");
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
