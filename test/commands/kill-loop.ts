// Runs a command and kills it at one of its own requests, or again and again at ever later ones until one run ends.
import type { ChildProcess } from "node:child_process";
import type { JournalEntry, Shared } from "../../sandbox/contract.ts";
import type { Outcome } from "./run-command.ts";

export type Run = (started?: (child: ChildProcess) => void) => Promise<Outcome>;

/** Killed when its nth request was carried out, which is before the next; without an exit code if it came so far. What is
 *  asked of Slack does not count. */
export async function killedAt({ journal }: Shared, nth: number, run: Run): Promise<Outcome> {
  let left = nth;
  let off = () => {};
  const outcome = await run((child) => {
    off = journal.onWrite(({ vendor }: JournalEntry) => {
      if (vendor !== "slack" && --left === 0) child.kill("SIGKILL");
    });
  });
  off();
  return outcome;
}

/** `every`: how many requests later each further run is killed. */
export async function killedAgainAndAgain(
  shared: Shared,
  every: number,
  run: Run,
): Promise<{ last: Outcome; kills: number }> {
  for (let kills = 0; ; kills++) {
    const last = await killedAt(shared, every * (kills + 1), run);
    if (last.code !== null) return { last, kills };
  }
}
