// Who came in through Access, as the card of an exposure shows it.

/** `applicationId`: whose gate they came through. */
export type Login = { applicationId: string; email: string; at: Date };

/** What was read of Access's log. What came in before `from` was not read; null where it was read to its end. */
export type LoginLog = { logins: Login[]; from: Date | null };

/** What a card shows of log-ins; `shown` is null where they could not be read. */
export type CardLogins = { exposureId: string; applicationIds: string[]; shown: Login[] | null };

/** What a card is to say of log-ins, newest first. Where the log was not `read`, it is what the card has shown. Some that came
 *  in before `from` may be missing. */
export type LoginsToShow = { last: Login[]; read: boolean; from: Date | null };

type Card = Omit<CardLogins, "exposureId">;

const MOST_SHOWN = 5;

/** The last few at any of these applications, newest first: a gate that was made anew has had others before it. What the card
 *  has shown stays among them: where many log in elsewhere, the log that is read does not reach back to it. */
export function lastLogins(logins: Login[], { applicationIds, shown }: Card): Login[] {
  const here = logins.filter((login) => applicationIds.includes(login.applicationId));
  const all = new Map([...(shown ?? []), ...here].map((login) => [keyOf(login), login]));
  return [...all.values()].sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, MOST_SHOWN);
}

/** `log` is null where it could not be read. Null: nothing is known. */
export function loginsToShow(log: LoginLog | null, card: Card, openedAt: Date | null): LoginsToShow | null {
  const last = lastLogins(log?.logins ?? [], card);
  if (!log && last.length === 0) return null;
  const from = log?.from ?? null;
  const isWhole =
    !from || (openedAt && from <= openedAt) || last.filter(({ at }) => at >= from).length >= MOST_SHOWN;
  return { last, read: log !== null, from: isWhole ? null : from };
}

function keyOf({ email, at }: Login): string {
  return `${at.toISOString()} ${email}`;
}

/** Exposures whose card shows others than the last, longest behind first. */
export function outdatedByLogins(cards: CardLogins[], logins: Login[]): string[] {
  const keysOf = (shown: Login[]) => shown.map(keyOf).join("\n");
  const outdated = cards.filter(
    (card) => !card.shown || keysOf(card.shown) !== keysOf(lastLogins(logins, card)),
  );
  const newest = ({ shown }: CardLogins) => shown?.[0]?.at.getTime() ?? 0;
  return outdated.sort((a, b) => newest(a) - newest(b)).map(({ exposureId }) => exposureId);
}
