// A look-up for a form that failed: the form says what helps who asks, the log has all of it.
import { isServiceFailure } from "../services/failure.ts";
import { failureText } from "../views/failure-words.ts";
import type { HandlerTools } from "./tools.ts";

export function toldOf({ log }: Pick<HandlerTools, "log">, error: unknown): string {
  if (!isServiceFailure(error)) throw error;
  log.warn({ err: error }, "a look-up for a form failed");
  return failureText(error);
}
