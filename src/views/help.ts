// The answer to /expose help.
import type { SlackMessage } from "./parts.ts";
import { bullets, code, heading, paragraph, rich, words } from "./parts.ts";

const COMMANDS: readonly (readonly [command: string, what: string])[] = [
  ["/expose", "asks for a service to be opened"],
  ["/expose <service>", "the same, with the service filled in"],
  ["/expose list", "shows what you asked for; list all shows everything that stands or waits"],
  ["/expose close <host>", "closes the exposure at this hostname"],
  ["/expose status", "shows how the tunnels stand and how available they were"],
  ["/expose freeze", "stops new openings, for admins; unfreeze lets them go on"],
  ["/expose doctor", "checks everything that Drawbridge stands on, for admins"],
  ["/expose close-all", "closes everything and freezes, for admins"],
  ["/expose help", "shows this"],
];

export function help(): SlackMessage {
  return {
    text: "Drawbridge opens internal Cloud Run services to the people you choose, for a set time, after an approval.",
    blocks: [
      heading("Drawbridge"),
      rich([
        paragraph(
          words(
            "Opens an internal Cloud Run service at a hostname that only the people you choose can pass, for a set time, after an approval.\n\n",
            400,
          ),
        ),
        bullets(COMMANDS.map(([command, what]) => [code(command, 60), words(`  ${what}`)])),
        paragraph(
          words(
            "\nA request waits in the approvals channel. Its card shows every step, and it closes by itself at its end. The requester or an approver can close it at any time.",
            400,
          ),
        ),
      ]),
    ],
  };
}
