// `/expose doctor`, for admins: acked at once, looked for half a minute at most, told to the one who asked.
import { worst } from "../domain/finding.ts";
import { doctorMessage, EXAMINING } from "../views/doctor-message.ts";
import { refusalText } from "../views/refusal-words.ts";
import type { Command } from "./inputs.ts";
import { rightOfAdmin } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export async function doctor(tools: HandlerTools, command: Command): Promise<void> {
  await command.ack();
  const refusal = await rightOfAdmin(tools, command.userId);
  const record = (outcome: string) =>
    tools.audit([
      { at: tools.now(), actor: command.userId, action: "doctor", exposureId: null, outcome, details: {} },
    ]);
  if (refusal) {
    await record(refusal.because);
    return await command.answer({ text: refusalText(refusal) });
  }
  await command.answer({ text: EXAMINING });
  const findings = await tools.examine();
  await record(worst(findings));
  await command.answer(doctorMessage(findings));
}
