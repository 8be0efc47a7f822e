// What is said of a decision that does not come, where it takes more than one person.
import { type Exposure, type Extension, lapsesAtEnd, type Shortfall } from "../domain/exposure.ts";
import { dateToken } from "./time-words.ts";

/** `Only` where it begins a sentence. */
export function onlyCame({ came, needed }: Shortfall, only: "Only" | "only" = "Only"): string {
  return `${only} ${came} of ${needed} approvals came`;
}

/** Follows when it lapses. */
export function ifUndecided({ approvalsNeeded }: Pick<Exposure, "approvalsNeeded">): string {
  return approvalsNeeded > 1 ? "unless enough approve by then" : "if nobody answers";
}

/** What becomes of a wish for more time that nobody decides. */
export function wishUndecided(exposure: Exposure, { lapsesAt }: Extension): string {
  const undecided = exposure.approvalsNeeded > 1 ? "Unless enough approve" : "Unanswered";
  return `${undecided}, it ${lapsesAtEnd(exposure) ? "closes" : "lapses"} ${dateToken(lapsesAt)}.`;
}
