// Slack's date tokens and times, in the reader's zone and language.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
import type { Names } from "./names.ts";

type Reader = Pick<Names, "timeZone" | "locale" | "now">;

/** `format` as in `<!date^1392734382^{date_short} at {time}|fallback>`. */
export function formatTokens(seconds: number, format: string, reader: Reader): string {
  const date = new Date(seconds * 1000);
  return format.replace(/\{(\w+)\}/g, (whole, token: string) => tokenText(token, date, reader) ?? whole);
}

export function timeOf(date: Date, reader: Reader): string {
  return format(date, reader, { hour: "numeric", minute: "2-digit" });
}

export function dayOf(date: Date, reader: Reader): string {
  return pretty(date, reader) ?? format(date, reader, { weekday: "long", month: "long", day: "numeric" });
}

export function fullTime(date: Date, reader: Reader): string {
  return format(date, reader, { dateStyle: "full", timeStyle: "medium" });
}

function tokenText(token: string, date: Date, reader: Reader): string | null {
  const [base = "", isPretty] = token.endsWith("_pretty") ? [token.slice(0, -7), true] : [token, false];
  const near = isPretty ? pretty(date, reader) : null;
  if (near) return near.toLowerCase();
  switch (base) {
    case "date_num":
      return new Intl.DateTimeFormat("sv-SE", { timeZone: reader.timeZone }).format(date);
    case "date":
      return format(date, reader, { month: "long", day: "numeric", year: "numeric" });
    case "date_short":
      return format(date, reader, { month: "short", day: "numeric", year: "numeric" });
    case "date_long":
    case "day_divider":
      return format(date, reader, { weekday: "long", month: "long", day: "numeric", year: "numeric" });
    case "time":
      return timeOf(date, reader);
    case "time_secs":
      return format(date, reader, { hour: "numeric", minute: "2-digit", second: "2-digit" });
    case "ago":
      return ago(date, reader);
    default:
      return null;
  }
}

function pretty(date: Date, reader: Reader): string | null {
  const days = dayNumber(date, reader) - dayNumber(reader.now(), reader);
  if (Math.abs(days) > 1) return null;
  const text = new Intl.RelativeTimeFormat(reader.locale, { numeric: "auto" }).format(days, "day");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function dayNumber(date: Date, { timeZone }: Reader): number {
  return Date.parse(new Intl.DateTimeFormat("sv-SE", { timeZone }).format(date)) / 86_400_000;
}

function ago(date: Date, { locale, now }: Reader): string {
  const seconds = (date.getTime() - now().getTime()) / 1000;
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (["second", 1] as const);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

function format(date: Date, { locale, timeZone }: Reader, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(date);
}
