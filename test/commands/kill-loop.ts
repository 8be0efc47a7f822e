// Runs a command and kills it at ever later requests of its own, until one run comes to its end.
import type { ChildProcess } from "node:child_process";
import type { JournalEntry, Shared } from "../../sandbox/contract.ts";
import type { Outcome } from "./run-command.ts";

/** `every`: how many requests later each further run is killed. What the bot asks Slack does not count. */
export async function killedAgainAndAgain(
  { journal }: Shared,
  every: number,
  run: (started: (child: ChildProcess) => void) => Promise<Outcome>,
): Promise<{ last: Outcome; kills: number }> {
  let kills = 0;
  for (let calls = every; ; calls += every) {
    let left = calls;
    let off = () => {};
    const last = await run((child) => {
      off = journal.onWrite(({ vendor }: JournalEntry) => {
        if (vendor !== "slack" && --left === 0) child.kill("SIGKILL");
      });
    });
    off();
    if (last.code !== null) return { last, kills };
    kills += 1;
  }
}
