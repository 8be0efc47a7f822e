// Ties what people do in Slack to handlers, and is where they are caught: whatever goes wrong, the person is answered. The
// handlers themselves let nothing pass but a vendor, or the store, that does not answer.
import type { App, ViewSubmitAction } from "@slack/bolt";
import { isServiceFailure } from "../services/failure.ts";
import type { MessageContent } from "../services/slack.ts";
import { answerText } from "../views/failure-words.ts";
import { actions, inputs, shortcuts, views } from "../views/ids.ts";
import { clickOf, commandOf, optionsQueryOf, shortcutOf, submissionOf } from "./bolt-inputs.ts";
import { onCommand } from "./command.ts";
import {
  onApprove,
  onApproveShorter,
  onDeny,
  onDenySubmitted,
  onShorterSubmitted,
  onWithdraw,
} from "./decide.ts";
import { onClose, onExtend, onExtendSubmitted } from "./end.ts";
import { onAcknowledge, onEvidence, onMute } from "./incidents.ts";
import type { Click, Submission } from "./inputs.ts";
import { onRequestAgain, onServiceChosen, onServiceQuery, openForm } from "./open-form.ts";
import { withoutStrayCards } from "./stray-card.ts";
import { onRequestSubmitted } from "./submit-request.ts";
import type { HandlerTools } from "./tools.ts";

export function registerRoutes(app: App, tools: HandlerTools): void {
  const command = onCommand(tools);
  app.command("/expose", async (args) => {
    const input = commandOf(tools.slack, args);
    await answered(tools, input, () => command(input));
  });
  app.shortcut({ type: "shortcut", callback_id: shortcuts.expose }, async (args) => {
    const input = shortcutOf(tools.slack, args);
    await input.ack();
    await answered(tools, input, () => openForm(tools, input, ""));
  });
  app.options({ action_id: inputs.service }, async (args) => {
    await onServiceQuery(tools)(optionsQueryOf(args));
  });
  for (const [id, handle] of Object.entries(clicks(tools))) {
    app.action({ action_id: id, type: "block_actions" }, async (args) => {
      const input = clickOf(tools.slack, args);
      await answered(tools, input, () => withoutStrayCards(tools, handle)(input));
    });
  }
  for (const [id, handle] of Object.entries(submissions(tools))) {
    app.view<ViewSubmitAction>({ callback_id: id, type: "view_submission" }, async (args) => {
      const input = submissionOf(tools.slack, args);
      await answered(tools, input, () => handle(input));
    });
  }
}

function clicks(tools: HandlerTools): Record<string, (click: Click) => Promise<void>> {
  return {
    [actions.approve]: onApprove(tools),
    [actions.approveExtension]: onApprove(tools),
    [actions.approveShorter]: onApproveShorter(tools),
    [actions.deny]: onDeny(tools),
    [actions.denyExtension]: onDeny(tools),
    [actions.withdraw]: onWithdraw(tools),
    [actions.close]: onClose(tools),
    [actions.extend]: onExtend(tools),
    [actions.requestAgain]: onRequestAgain(tools),
    [actions.acknowledge]: onAcknowledge(tools),
    [actions.mute]: onMute(tools),
    [actions.evidence]: onEvidence(tools),
    [inputs.service]: onServiceChosen(tools),
  };
}

function submissions(tools: HandlerTools): Record<string, (submission: Submission) => Promise<void>> {
  return {
    [views.expose]: onRequestSubmitted(tools),
    [views.shorter]: onShorterSubmitted(tools),
    [views.deny]: onDenySubmitted(tools),
    [views.extend]: onExtendSubmitted(tools),
  };
}

/** Not acked means not stored; the watchdog of the connection then says that nothing is confirmed. */
async function answered(
  tools: HandlerTools,
  input: { userId: string; answer: (content: MessageContent) => Promise<void> },
  handle: () => Promise<void>,
): Promise<void> {
  try {
    await handle();
  } catch (error) {
    tools.log[isServiceFailure(error) ? "warn" : "error"](
      { err: error, userId: input.userId },
      "a handler failed",
    );
    const text = isServiceFailure(error)
      ? answerText(error)
      : "Something went wrong in Drawbridge. Please look at the card before you try again.";
    await input
      .answer({ text })
      .catch((err: unknown) => tools.log.warn({ err }, "the person could not be told"));
  }
}
