// What the doctor finds: one thing that was checked, how it is, what shows that, and what to do about it.

/** `unseen`: nothing that can be seen from here tells how it is. */
export type Outcome = "pass" | "unseen" | "warn" | "fail";

export type Finding = {
  /** What was checked, in the words of the report: `tunnel-managed`, `pool-protocol`. */
  check: string;
  /** Which tunnel, pool or service; null for what there is one of. */
  subject: string | null;
  outcome: Outcome;
  evidence: string;
  /** What to do, naming the setting and where it lives; null where nothing is to be done. */
  remedy: string | null;
};

/** An answer, or why there is none. A look-up that failed is told and keeps no other from being made. */
export type Looked<T> = { ok: true; value: T } | { ok: false; because: string };

export function pass(check: string, subject: string | null, evidence: string): Finding {
  return { check, subject, outcome: "pass", evidence, remedy: null };
}

export function unseen(check: string, subject: string | null, evidence: string): Finding {
  return { check, subject, outcome: "unseen", evidence, remedy: null };
}

export function warn(check: string, subject: string | null, evidence: string, remedy: string): Finding {
  return { check, subject, outcome: "warn", evidence, remedy };
}

export function fail(check: string, subject: string | null, evidence: string, remedy: string): Finding {
  return { check, subject, outcome: "fail", evidence, remedy };
}

/** Judges an answer; without one the check has failed, and the reason says what to do. */
export function judged<T>(
  check: string,
  subject: string | null,
  looked: Looked<T>,
  judge: (value: T) => Finding | Finding[],
): Finding[] {
  if (looked.ok) return [judge(looked.value)].flat();
  return [fail(check, subject, "It could not be looked at.", looked.because)];
}

export function worst(findings: Finding[]): Outcome {
  if (findings.some(({ outcome }) => outcome === "fail")) return "fail";
  return findings.some(({ outcome }) => outcome === "warn") ? "warn" : "pass";
}
