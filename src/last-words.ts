// What a process says before it ends in vain: plain words for what people can mend, a stack for what is our own fault, and
// never a secret.
import { ConfigError, type Environment, secretsIn } from "./config-values.ts";
import { createRedactor } from "./redaction.ts";
import { isServiceFailure } from "./services/failure.ts";
import { FolderInUse } from "./store/folder-lock.ts";
import { StoreUnusable } from "./store/unusable.ts";

/** `env` tells what to hide. A RangeError is somebody's typing where a command says so. */
export function lastWords(error: unknown, env: Environment, typed = false): string {
  return createRedactor(secretsIn(env))(wordsOf(error, typed));
}

function wordsOf(error: unknown, typed: boolean): string {
  if (!(error instanceof Error)) return String(error);
  const plain =
    error instanceof ConfigError ||
    error instanceof StoreUnusable ||
    error instanceof FolderInUse ||
    isServiceFailure(error) ||
    (typed && error instanceof RangeError);
  return plain ? error.message : (error.stack ?? error.message);
}
