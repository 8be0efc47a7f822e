// What takes the form's place once the request is stored: that it went out, to whom, and how the person hears of it.
import type { ModalView } from "@slack/types";
import type { Exposure } from "../domain/exposure.ts";
import { ifUndecided } from "./approval-words.ts";
import { views } from "./ids.ts";
import { type ApproverMentions, approverMentions } from "./mentions.ts";
import { code, paragraph, plainText, rich, sentence, words } from "./parts.ts";
import { dateToken } from "./time-words.ts";

/** Without a button to send: all that is left is to close it. */
export function requestSent(exposure: Exposure, approvers: ApproverMentions): ModalView {
  const { service, hostname, lapsesAt } = exposure;
  const lapses = `It lapses ${dateToken(lapsesAt)} ${ifUndecided(exposure)}.`;
  const next = `It waits for ${approverMentions(approvers)}. You get a direct message when they have decided; \`/expose list\` has it until then. ${lapses}`;
  return {
    type: "modal",
    callback_id: views.expose,
    title: plainText("Request Sent", 24),
    close: plainText("Done", 24),
    blocks: [
      rich([
        paragraph(
          words(`Your request for ${service.name} at `),
          code(hostname, 100),
          words(" is with the approvers."),
        ),
      ]),
      sentence(next),
    ],
  };
}
