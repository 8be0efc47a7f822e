// `/expose doctor`, for admins: acked at once, looked for half a minute at most, told to the one who asked.
import { worst } from "../domain/finding.ts";
import { doctorMessage, EXAMINING } from "../views/doctor-message.ts";
import { refusalText } from "../views/refusal-words.ts";
import type { Command } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { rightOfAdmin } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export async function doctor(tools: HandlerTools, command: Command): Promise<void> {
  await command.ack();
  const refusal = await rightOfAdmin(tools, command.userId);
  const attempt = { actor: command.userId, action: "doctor" };
  if (refusal) {
    await refused(tools, attempt, refusal);
    return await command.answer({ text: refusalText(refusal) });
  }
  await command.answer({ text: EXAMINING });
  const findings = await tools.examine();
  const entry = { ...attempt, at: tools.now(), exposureId: null, details: {} };
  await tools.audit([{ ...entry, outcome: worst(findings) }]);
  await command.answer(doctorMessage(findings));
}
