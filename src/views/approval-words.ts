// What is said of a decision that does not come, where it takes more than one person.
import type { Exposure, Shortfall } from "../domain/exposure.ts";

/** `Only` where it begins a sentence. */
export function onlyCame({ came, needed }: Shortfall, only: "Only" | "only" = "Only"): string {
  return `${only} ${came} of ${needed} approvals came`;
}

/** Follows when it lapses. */
export function ifUndecided({ approvalsNeeded }: Pick<Exposure, "approvalsNeeded">): string {
  return approvalsNeeded > 1 ? "unless enough approve by then" : "if nobody answers";
}
