// How one-off commands are run: options are read, and what goes wrong is told plainly, with no secret in it.
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Environment } from "../config-values.ts";
import { lastWords } from "../last-words.ts";
import { resolveSecrets } from "../secrets.ts";
import { endOnSignals } from "./signals.ts";

/** Runs a command to its end; it fails with exit code 1. `main` asks for the environment, with what Secret Manager gives in
 *  place of references, once it needs that. A RangeError is somebody's typing. */
export async function runCommand(
  main: (environment: () => Promise<Environment>) => Promise<void>,
): Promise<void> {
  endOnSignals();
  let env: Environment = process.env;
  const environment = async () => {
    env = await resolveSecrets(process.env);
    return env;
  };
  try {
    await main(environment);
  } catch (error) {
    console.error(lastWords(error, env, true));
    process.exitCode = 1;
  }
}

/** What was typed behind the command. Throws RangeError for what it does not know. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig["options"]>>(options: Options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    // The sentences after the first are about positional arguments, which no command takes.
    const [what] = error instanceof Error ? error.message.split(". ") : [String(error)];
    throw new RangeError(`${what}. --help lists what there is.`);
  }
}
