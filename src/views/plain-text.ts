// Other people's text made harmless: no control or direction characters, a bounded length, never mrkdwn.

// Controls, direction marks, zero-width and tag characters, and letters that show nothing. The two joiners stay: Persian
// and many scripts of India are written with them.
const INVISIBLE = /[[\p{Cc}\p{Cf}\u115f\u1160\u3164\uffa0]--[\n\t\u200c\u200d]]/gv;
const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const MOST_LINES = 20;

/** One line of at most `max` characters; longer text ends in `…`. */
export function plain(text: string, max: number): string {
  return clip(visible(text).replace(/\s+/g, " ").trim(), max);
}

/** Like `plain`, with its line breaks, at most 20 lines. */
export function plainLines(text: string, max: number): string {
  const lines = visible(text)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .split("\n");
  const kept = lines.slice(0, MOST_LINES).join("\n");
  return clip(lines.length > MOST_LINES ? `${kept.trimEnd()} …` : kept, max);
}

/** Text for a place that Slack parses: nothing in it can become a mention, a link or a date. */
export function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** For a sentence that may be shown as mrkdwn or as plain text: without the characters that mean something in mrkdwn. */
export function bare(text: string, max: number): string {
  return plain(text.replace(/[<>&*_~`]/g, ""), max);
}

/** Cuts to `max` UTF-16 units, the strictest count that Slack may use, and splits no character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return "";
  const cut = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "");
  return `${cut.trimEnd()}…`;
}

/** Cuts to what takes at most `max` characters in JSON, where a quotation mark or a line break takes two. */
export function clipEscaped(text: string, max: number): string {
  let short = text;
  while (escapedLength(short) > max)
    short = clip(short, Math.floor((short.length * max) / escapedLength(short)) - 1);
  return short;
}

function escapedLength(text: string): number {
  return JSON.stringify(text).length - 2;
}

/** Without what nobody sees; every kind of line break is one. */
export function visible(text: string): string {
  return text.toWellFormed().replace(LINE_BREAK, "\n").replace(INVISIBLE, "");
}
