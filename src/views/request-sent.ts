// What takes a form's place once what it asks for is stored: that it went out, to whom, and how the person hears of it.
import type { ModalView } from "@slack/types";
import type { Exposure, Extension } from "../domain/exposure.ts";
import type { Circle } from "../domain/policy.ts";
import { ifUndecided, wishUndecided } from "./approval-words.ts";
import { views } from "./ids.ts";
import { approverMentions } from "./mentions.ts";
import { code, paragraph, plainText, rich, sentence, words } from "./parts.ts";
import { dateToken, duration } from "./time-words.ts";

export function requestSent(exposure: Exposure, approvers: Circle): ModalView {
  const { service, lapsesAt } = exposure;
  const next = `You get a direct message when they have decided; \`/expose list\` has it until then. It lapses ${dateToken(lapsesAt)} ${ifUndecided(exposure)}.`;
  return sent("Request Sent", exposure, {
    asked: `${service.name} at `,
    next: `It waits for ${approverMentions(approvers)}. ${next}`,
  });
}

/** Whoever extends from a direct message need not be in the channel of the card, which shows it. */
export function moreTimeAsked(exposure: Exposure, extension: Extension, approvers: Circle): ModalView {
  const next = `You get a direct message when they have decided. ${wishUndecided(exposure, extension)}`;
  return sent("More Time Asked For", exposure, {
    asked: `${duration(extension.minutes)} more for `,
    next: `It waits for ${approverMentions(approvers)}. ${next}`,
  });
}

/** Without a button to send: all that is left is to close it. */
function sent(title: string, { hostname }: Exposure, said: { asked: string; next: string }): ModalView {
  return {
    type: "modal",
    callback_id: views.expose,
    title: plainText(title, 24),
    close: plainText("Done", 24),
    blocks: [
      rich([
        paragraph(
          words(`Your request for ${said.asked}`),
          code(hostname, 100),
          words(" is with the approvers."),
        ),
      ]),
      sentence(said.next),
    ],
  };
}
