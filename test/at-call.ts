// Doing something at the very moment between two calls of the bot.
import type { JournalEntry } from "../sandbox/contract.ts";
import type { World } from "./world.ts";

/** Does something right after the n-th call of the bot from here on, before it has the answer. Answers whether it came to it. */
export async function atCall(
  world: World,
  nth: number,
  act: () => void,
  begin: () => Promise<unknown>,
): Promise<() => boolean> {
  let count = 0;
  const off = world.sandbox.shared.journal.onWrite((entry) => {
    if (!isCall(entry)) return;
    count += 1;
    if (count !== nth) return;
    off();
    act();
  });
  await begin();
  return () => {
    off();
    return count >= nth;
  };
}

function isCall({ vendor, path }: JournalEntry): boolean {
  return vendor === "edge" || (vendor === "cloudflare" && !/\/(access_requests|organizations)$/.test(path));
}
