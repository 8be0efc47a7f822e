// Acknowledge, Mute and Show Evidence on the message of an incident. Whoever can read the alerts channel may, if they are a
// full member of the workspace.
import type { Incident } from "../domain/incident.ts";
import { acknowledge, mute } from "../domain/incident-acts.ts";
import { refuse, type Verdict } from "../domain/refusal.ts";
import { parseButtonValue } from "../views/ids.ts";
import { evidenceMessage } from "../views/incident-notices.ts";
import { refusalText } from "../views/refusal-words.ts";
import type { Click } from "./inputs.ts";
import { refused } from "./refusing.ts";
import { identify } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

export const onAcknowledge = (tools: HandlerTools) => onAct(tools, "acknowledge", acknowledge);

export const onMute = (tools: HandlerTools) => onAct(tools, "mute", mute);

type Change = (incident: Incident, by: string, at: Date) => Verdict<Incident>;

/** The message shows what came of it; only a no is answered. */
function onAct(tools: HandlerTools, action: string, change: Change) {
  return async (click: Click): Promise<void> => {
    const id = parseButtonValue(click.value)?.id ?? "";
    const actor = click.userId;
    const at = tools.now();
    const { refusal } = await identify(tools, actor);
    const known = refusal ? null : await tools.incidents.load(id);
    const verdict = known
      ? await tools.incidents.act(id, { actor, action, at, key: click.key }, (incident) =>
          change(incident, actor, at),
        )
      : await refused(
          tools,
          { actor, action, details: { incident: id } },
          refusal ?? { because: "no-such-incident" },
        );
    await click.ack();
    if (!verdict.ok) await click.answer({ text: refusalText(verdict) });
  };
}

export function onEvidence(tools: HandlerTools) {
  return async (click: Click): Promise<void> => {
    await click.ack();
    const id = parseButtonValue(click.value)?.id ?? "";
    const actor = click.userId;
    const { refusal } = await identify(tools, actor);
    const incident = refusal ? null : await tools.incidents.load(id);
    if (incident) return await click.answer(evidenceMessage(incident));
    const because = refusal ?? refuse({ because: "no-such-incident" });
    await refused(tools, { actor, action: "show evidence", details: { incident: id } }, because);
    await click.answer({ text: refusalText(because) });
  };
}
