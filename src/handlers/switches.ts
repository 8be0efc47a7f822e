// For a bad day: freeze new openings, and close everything that stands.
import { endsWithAll } from "../domain/due.ts";
import type { AuditEntry } from "../store/audit.ts";
import { refusalText } from "../views/refusal-words.ts";
import type { Command } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { rightOfAdmin, rightToEndAll } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export type Switch = "freeze" | "unfreeze" | "close-all";

export async function switchByCommand(tools: HandlerTools, command: Command, wanted: Switch): Promise<void> {
  const rightTo = wanted === "unfreeze" ? rightOfAdmin : rightToEndAll;
  const refusal = await rightTo(tools, command.userId);
  const attempt = { actor: command.userId, action: wanted };
  if (refusal) await refused(tools, attempt, refusal);
  const entry = { ...attempt, at: tools.now(), exposureId: null, outcome: "ok", details: {} };
  const text = refusal ? refusalText(refusal) : await turn(tools, wanted, entry);
  await command.ack();
  await command.answer({ text });
}

/** However many are open: the look that follows ends each, or the one after a restart. */
async function turn({ guards, ...tools }: HandlerTools, wanted: Switch, entry: AuditEntry): Promise<string> {
  if (wanted === "unfreeze") {
    await guards.turn({ "openings-frozen": "off" }, entry);
    return "Openings go on. What was approved and still waits opens within seconds.";
  }
  if (wanted === "freeze") {
    await guards.turn({ "openings-frozen": "on" }, entry);
    return `New openings are frozen; what is open stays open. ${THAW}`;
  }
  const meant = (await tools.exposures.live()).filter((each) => endsWithAll(each, entry.at)).length;
  await guards.turn({ "openings-frozen": "on", "everything-closed": "on" }, entry);
  await tools.lookNow();
  return `Closing ${meant} ${meant === 1 ? "exposure" : "exposures"}, and new openings are frozen. Each card shows its steps. ${THAW}`;
}

/** The second half is what MINUTES_TO_OPEN makes of it. */
const THAW =
  "Approved requests wait until an admin runs /expose unfreeze. One that waits longer than its own time and an hour ends unopened.";
