// For a bad day: freeze new openings, and close everything that stands.
import { transition } from "../domain/transition.ts";
import { refusalText } from "../views/refusal-words.ts";
import type { Command } from "./inputs.ts";
import { rightOfAdmin } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export type Switch = "freeze" | "unfreeze" | "close-all";

export async function switchByCommand(tools: HandlerTools, command: Command, wanted: Switch): Promise<void> {
  const refusal = await rightOfAdmin(tools, command.userId);
  const outcome = refusal?.because ?? "ok";
  const at = tools.now();
  await tools.audit([{ at, actor: command.userId, action: wanted, exposureId: null, outcome, details: {} }]);
  if (!refusal)
    await tools.guards.turn("openings-frozen", wanted === "unfreeze" ? "off" : "on", command.userId, at);
  const closed = !refusal && wanted === "close-all" ? await closeAll(tools, command.userId) : 0;
  await command.ack();
  await command.answer({ text: refusal ? refusalText(refusal) : saying(wanted, closed) });
}

async function closeAll(tools: HandlerTools, userId: string): Promise<number> {
  const at = tools.now();
  let closed = 0;
  for (const { id } of await tools.exposures.live()) {
    const verdict = await tools.exposures.advance(
      id,
      { actor: userId, action: "close-all", at },
      (exposure) => transition(exposure, { kind: "end", because: "frozen", detail: null, at }),
    );
    if (verdict.ok) closed += 1;
  }
  return closed;
}

function saying(done: Switch, closed: number): string {
  const thaw = "Approved requests wait until an admin runs /expose unfreeze.";
  if (done === "unfreeze") return "Openings go on. What was approved meanwhile is opened now.";
  if (done === "freeze") return `New openings are frozen; what is open stays open. ${thaw}`;
  return `Closing ${closed} ${closed === 1 ? "exposure" : "exposures"}, and new openings are frozen. Each card shows its steps. ${thaw}`;
}
