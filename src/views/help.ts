// The answer to /expose help.
import type { RichTextElement } from "@slack/types";
import type { SlackMessage } from "./parts.ts";
import { bullets, code, heading, paragraph, rich, words } from "./parts.ts";
import { spoken } from "./spoken.ts";

type Line = readonly [command: string, what: string];

const COMMANDS: readonly Line[] = [
  ["/expose", "asks for a service to be opened"],
  ["/expose <service>", "the same, with the service filled in"],
  ["/expose list", "shows what you asked for"],
  ["/expose list all", "shows everything that is open or waits"],
  ["/expose close <host>", "closes the exposure at this hostname"],
  ["/expose status", "shows how the tunnels are and how available they were"],
  ["/expose help", "shows this"],
];

const FOR_ADMINS: readonly Line[] = [
  ["/expose doctor", "checks everything that Drawbridge stands on"],
  ["/expose freeze", "stops new openings; what is open stays open"],
  ["/expose unfreeze", "lets them go on"],
  ["/expose close-all", "closes everything, and stops new openings"],
];

export function help(): SlackMessage {
  const said = rich([
    paragraph(
      words(
        "Opens an internal Cloud Run service at a hostname that only the people you choose can pass, for a set time, after an approval.\n\n",
        400,
      ),
    ),
    bullets(COMMANDS.map(line)),
    paragraph(words("\nFor admins:")),
    bullets(FOR_ADMINS.map(line)),
    paragraph(
      words(
        "\nA request waits in the approvals channel. You get a message when it is decided and when it is open; it closes by itself at its end. The requester or an approver can close it at any time.",
        400,
      ),
    ),
  ]);
  return spoken("Drawbridge", [heading("Drawbridge"), said], [said]);
}

function line([command, what]: Line): RichTextElement[] {
  return [code(command, 60), words(` ${what}`)];
}
