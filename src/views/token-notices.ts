// What the alerts channel reads when a token of the bot is about to end, or is taken no more.
import { code, heading, paragraph, rich, type SlackMessage, sentence, words } from "./parts.ts";
import { spoken } from "./spoken.ts";
import { dateToken, utcWords } from "./time-words.ts";

const DAY_MS = 24 * 60 * 60_000;

export function tokenExpiry(expiresAt: Date, now: Date): SlackMessage {
  const over = expiresAt <= now;
  const title = over
    ? "The Cloudflare token has expired"
    : `The Cloudflare token expires ${left(expiresAt, now)}`;
  const effect = over
    ? "Drawbridge can open and close nothing until it has a new one."
    : "After that Drawbridge can open and close nothing, not even what is past its end.";
  const details = [
    sentence(`${over ? "It ended" : "It ends"} ${dateToken(expiresAt)}. ${effect}`),
    sentence(
      "*What to do*\nIn Cloudflare's dashboard make a token with the same permissions, store it as `CLOUDFLARE_API_TOKEN` (a new version of its secret) and deploy the bot again. `/expose doctor` then says until when it is good.",
    ),
  ];
  return spoken(`${title} (${utcWords(expiresAt)}).`, [heading(title), ...details], details);
}

function left(expiresAt: Date, now: Date): string {
  const days = Math.ceil((expiresAt.getTime() - now.getTime()) / DAY_MS);
  return days <= 1 ? "within a day" : `in ${days} days`;
}

export function visitTokenRefused(hostname: string): SlackMessage {
  const title = "Access takes Drawbridge's service token no more";
  const details = [
    rich([
      paragraph(
        words("It was refused at "),
        code(hostname, 100),
        words(
          ". Until that is mended, visits see only whether a stranger is stopped, not whether the service answers. Nothing is closed for it.",
        ),
      ),
    ]),
    sentence(
      "*What to do*\nLook at the token in Zero Trust, Access controls, Service credentials: one that has expired can be refreshed there. Otherwise `VISIT_CLIENT_SECRET` has to be its secret, and `visits.serviceToken` in the policy its id. `/expose doctor` then says that it is taken. This is told once a day.",
    ),
  ];
  return spoken(`${title}.`, [heading(title), ...details], details);
}
