// The exact plan that an approval carries out, and what Cloud Run says of the service. Names, addresses and audience are
// other people's text, so all of it is rich text.
import type { KnownBlock, RichTextElement } from "@slack/types";
import { type Exposure, sessionMinutes } from "../domain/exposure.ts";
import { tunnelAddress } from "../domain/observed.ts";
import { requestPlan } from "../domain/request-plan.ts";
import { serviceKey } from "../domain/service.ts";
import { audienceEntries, loginWords, type Names } from "./audience-words.ts";
import { minutesGiven } from "./card-title.ts";
import { fitting } from "./fitting.ts";
import { bold, bullets, code, heading, paragraph, rich, words } from "./parts.ts";
import { plain } from "./plain-text.ts";
import { INGRESS_WORDS, INVOKER_WORDS, publicWarning, serviceWarnings } from "./service-words.ts";
import { duration, lengthWords } from "./time-words.ts";

const MOST_ENTRIES = 30;
const MOST_AUDIENCE_CHARS = 1100;

export type PlanContext = { names?: Names; audienceInThread?: boolean };

export function planBlock(exposure: Exposure, context: PlanContext): KnownBlock {
  const plan = requestPlan(exposure, "");
  const host = code(plan.hostname, 63);
  const tunnel = context.names?.[plan.tunnelId] ?? plan.tunnelId;
  const minutes = exposure.approvedMinutes ?? plan.minutes;
  return rich([
    paragraph(bold(headingOf(exposure))),
    bullets([
      [words("Access application for "), host, words(", which lets in "), ...audience(exposure, context)],
      [
        words(`A log-in lasts ${duration(sessionMinutes(minutes))} at the most`),
        ...loginMethods(exposure, context),
      ],
      [
        words("DNS record: "),
        host,
        words(" to "),
        code(tunnelAddress(plan.tunnelId), 80),
        words(", proxied"),
      ],
      [words("Route on tunnel "), code(tunnel, 60), words(": "), host, words(" to "), code(plan.origin, 120)],
      [words("cloudflared itself refuses whoever has no log-in of that application")],
      [words("Host header: "), code(plan.hostHeader, 120)],
      [
        words(
          `Time: ${lengthWords(minutes, plan.untilClosed)}, counted from when it is seen open${more(exposure)}`,
        ),
      ],
    ]),
  ]);
}

function headingOf({ phase, extension }: Exposure): string {
  if (extension) return "What stays open";
  return phase === "pending" ? "What an approval does" : "What was approved";
}

/** What the approval of a wish adds, and what was added before. */
function more(exposure: Exposure): string {
  const { extension, approvedMinutes } = exposure;
  const added = approvedMinutes === null ? 0 : minutesGiven(exposure) - approvedMinutes;
  const since = added > 0 ? `; ${duration(added)} added since` : "";
  return extension ? `${since}; an approval adds ${duration(extension.minutes)}` : since;
}

export function cloudRunBlock({ service }: Exposure): KnownBlock {
  return rich([
    paragraph(bold("What Cloud Run says of "), code(serviceKey(service), 120)),
    bullets([
      [words(`Ingress: ${INGRESS_WORDS[service.ingress]}`)],
      [words(`Invoker IAM check: ${INVOKER_WORDS[service.invoker]}`)],
    ]),
  ]);
}

/** A public service is a heading of its own: nobody should approve it by reading over it. */
export function warningBlocks({ service }: Exposure): KnownBlock[] {
  const isPublic = publicWarning(service) !== null;
  const warnings = serviceWarnings(service);
  if (warnings.length === 0) return [];
  const lines = warnings.map((warning) => paragraph(bold("Warning: "), words(`${warning}\n`)));
  return [...(isPublic ? [heading("Warning: this service is public")] : []), rich(lines)];
}

/** Who may pass, for a card that no longer shows the whole plan. */
export function audienceBlock(exposure: Exposure, context: PlanContext): KnownBlock {
  return rich([paragraph(bold("Lets in "), ...audience(exposure, context))]);
}

/** Whether the card shows every entry. */
export function audienceFits(entries: string[]): boolean {
  return shownOf(entries).length === entries.length;
}

function shownOf(entries: string[]): string[] {
  return fitting(entries.slice(0, MOST_ENTRIES), MOST_AUDIENCE_CHARS);
}

function audience(exposure: Exposure, { names, audienceInThread }: PlanContext): RichTextElement[] {
  const entries = audienceEntries(exposure.audience, names);
  const shown = shownOf(entries);
  const more = entries.length - shown.length;
  const rest =
    more > 0 ? ` and ${more} more${audienceInThread ? ", all of them listed in the thread" : ""}` : "";
  const name = plain(exposure.audience.name, 60);
  return [
    ...(name ? [bold(name), words(": ")] : []),
    words(shown.length > 0 ? `${shown.join(", ")}${rest}` : "nobody", MOST_AUDIENCE_CHARS * 2),
  ];
}

function loginMethods(exposure: Exposure, { names }: PlanContext): RichTextElement[] {
  const methods = loginWords(exposure.audience, names);
  return methods ? [words(`, with ${methods} only`)] : [];
}
