// What the run makes once (setup.ts), for the tests that need it.
import { join } from "node:path";
import { inject } from "vitest";
import { startArguments } from "../sandbox/bot.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where it is asked for: whoever asks first waits until it is made. */
    madeOnce: string;
  }
}

export type Made = {
  /** A database with every table in it, the queue's as well, and its server; to be copied. */
  postgres: { server: string; name: string };
  /** A data folder of the embedded store with every table in it; to be copied, never opened. */
  embedded: string;
  /** The folder with what the image runs. */
  bundle: string;
};

export async function madeOnce<Name extends keyof Made>(name: Name): Promise<Made[Name]> {
  const response = await fetch(`${inject("madeOnce")}/${name}`);
  if (!response.ok) throw new Error(`No ${name} for the tests: ${await response.text()}`);
  return (await response.json()) as Made[Name];
}

/** What the image runs of a one-off command; `name` is that of its `npm run`. */
export async function commandFile(name: string): Promise<string> {
  return join(await madeOnce("bundle"), `${name}.js`);
}

/** The bot as the image starts it. */
export async function productionCommand(): Promise<string[]> {
  return [process.execPath, ...startArguments(await madeOnce("bundle"))];
}
