// Who came in through Access, as the card of an exposure shows it.

/** `applicationId`: whose gate they came through. */
export type Login = { applicationId: string; email: string; at: Date };

/** What a card shows of log-ins; `shown` is null where they could not be read. */
export type CardLogins = { exposureId: string; applicationIds: string[]; shown: string | null };

const MOST_SHOWN = 5;

/** The last few at any of these applications, newest first: a gate that was made anew has had others before it. */
export function lastLogins(logins: Login[], applicationIds: string[]): Login[] {
  const here = logins.filter((login) => applicationIds.includes(login.applicationId));
  return here.sort((a, b) => b.at.getTime() - a.at.getTime()).slice(0, MOST_SHOWN);
}

/** The same for the same log-ins; names nobody. */
export function loginsKey(logins: Login[]): string {
  return logins.map(({ at }) => at.toISOString()).join(" ");
}

/** Exposures whose card shows others than the last, longest behind first. */
export function outdatedByLogins(cards: CardLogins[], logins: Login[]): string[] {
  const outdated = cards.filter(
    ({ applicationIds, shown }) => shown !== loginsKey(lastLogins(logins, applicationIds)),
  );
  const newest = ({ shown }: CardLogins) => shown?.split(" ")[0] ?? "";
  return outdated.sort((a, b) => newest(a).localeCompare(newest(b))).map(({ exposureId }) => exposureId);
}
