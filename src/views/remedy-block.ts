// What to do about an incident, and where to read more.
import type { KnownBlock, RichTextElement } from "@slack/types";
import { runbookPage } from "../domain/diagnosis/remedies.ts";
import type { Incident } from "../domain/incident.ts";
import { bold, code, paragraph, rich, words } from "./parts.ts";
import { plain } from "./plain-text.ts";

const LONGEST_REMEDY = 1500;

export function remedyBlock({ cause, remedy }: Incident, runbookUrl: string | null): KnownBlock {
  // The page is named by a link of its own.
  const said = plain(remedy.replace(/\s*Runbook: \S+$/, ""), LONGEST_REMEDY);
  return rich([
    paragraph(bold("What to do: "), ...withCommands(said)),
    paragraph(bold("Runbook: "), page(runbookPage(cause), runbookUrl)),
  ]);
}

/** Commands and settings stand between backticks, which rich text would show as they are. */
function withCommands(text: string): RichTextElement[] {
  const parts = text.split("`");
  return parts.flatMap((part, index) => {
    if (part === "") return [];
    return [index % 2 === 1 && index < parts.length - 1 ? code(part, 300) : words(part, LONGEST_REMEDY)];
  });
}

/** `runbookUrl` is the address of the folder `docs/runbook`. */
function page(path: string, runbookUrl: string | null): RichTextElement {
  if (runbookUrl === null) return code(path, 100);
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { type: "link", url: `${runbookUrl.replace(/\/$/, "")}/${name}`, text: name };
}
