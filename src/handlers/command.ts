// `/expose` and its words.
import { exposureList, MOST_ENDED } from "../views/exposure-list.ts";
import { help } from "../views/help.ts";
import { refusalText } from "../views/refusal-words.ts";
import { doctor } from "./doctor.ts";
import { closeByCommand } from "./end.ts";
import type { Command } from "./inputs.ts";
import { openForm } from "./open-form.ts";
import { refused } from "./refusing.ts";
import { identify } from "./rights.ts";
import { status } from "./status.ts";
import { type Switch, switchByCommand } from "./switches.ts";
import type { HandlerTools } from "./tools.ts";

export function onCommand(tools: HandlerTools) {
  return async (command: Command): Promise<void> => {
    const [word = "", ...rest] = command.text.trim().split(/\s+/);
    switch (word.toLowerCase()) {
      case "help":
        await command.ack();
        return await command.answer(help());
      case "list":
        await command.ack();
        return await list(tools, command, rest[0]?.toLowerCase() !== "all");
      case "status":
        return await status(tools, command);
      case "doctor":
        return await doctor(tools, command);
      case "freeze":
      case "unfreeze":
      case "close-all":
        return await switchByCommand(tools, command, word.toLowerCase() as Switch);
      case "close":
        return await closeByCommand(tools, command, rest.join(" "));
      default:
        // Nothing to keep yet: the ack comes first, the form while the trigger lives.
        await command.ack();
        return await openForm(tools, command, word);
    }
  };
}

/** Mine: whatever lives of what I asked for, and the latest that has ended. All: whatever stands or is asked for now, which is for
 *  members. */
async function list(tools: HandlerTools, command: Command, mine: boolean): Promise<void> {
  const now = tools.now();
  if (mine) {
    const own = await tools.exposures.ofRequester(command.userId, MOST_ENDED);
    return await command.answer(exposureList(own, { mine, now }));
  }
  const { refusal } = await identify(tools, command.userId);
  if (refusal) {
    await refused(tools, { actor: command.userId, action: "list all" }, refusal);
    return await command.answer({ text: refusalText(refusal) });
  }
  await command.answer(exposureList(await tools.exposures.live(), { mine, now }));
}
