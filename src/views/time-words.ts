// Times and lengths of time in words. Slack shows a date token in each reader's own time zone.

const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

/** Exact, so that nobody approves more than they read: `30 min`, `8 h`, `1 h 30 min`, `2 days 4 h`. */
export function duration(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  const days = Math.floor(whole / MINUTES_PER_DAY);
  const hours = Math.floor((whole % MINUTES_PER_DAY) / MINUTES_PER_HOUR);
  const rest = whole % MINUTES_PER_HOUR;
  const parts = [
    days > 0 ? `${days} ${days === 1 ? "day" : "days"}` : "",
    hours > 0 ? `${hours} h` : "",
    rest > 0 ? `${rest} min` : "",
  ].filter(Boolean);
  return parts.join(" ") || "0 min";
}

/** How long an exposure lasts. Without a set time it still ends at its review. */
export function lengthWords(minutes: number, untilClosed: boolean): string {
  return untilClosed ? `until closed (review in ${duration(minutes)})` : duration(minutes);
}

/** For mrkdwn only. The fallback is what a client shows that cannot format dates. */
export function dateToken(date: Date): string {
  return `<!date^${seconds(date)}^{date_short_pretty} {time}|${utcWords(date)}>`;
}

export function utcWords(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
