import { expect, test } from "vitest";
import { type Login, lastLogins, loginsToShow, outdatedByLogins } from "../../src/domain/logins.ts";

const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 12, minute));
const login = (applicationId: string, minute: number, email = "kim@example.com"): Login => ({
  applicationId,
  email,
  at: at(minute),
});
const card = (applicationId: string, shown: Login[] | null = null) => ({
  exposureId: applicationId,
  applicationIds: [applicationId],
  shown,
});

test("the last five of one application, newest first, whatever order they come in", () => {
  const logins = [3, 1, 7, 2, 6, 5, 4].map((minute) => login("wiki", minute));
  expect(lastLogins([...logins, login("other", 9)], card("wiki")).map((each) => each.at)).toEqual(
    [7, 6, 5, 4, 3].map(at),
  );
});

test("who came in before the gate was made anew has come in", () => {
  const logins = [login("second", 2), login("first", 1), login("other", 3)];
  const both = { ...card("first"), applicationIds: ["first", "second"] };
  const shown = lastLogins(logins, both);
  expect(shown.map((each) => each.at)).toEqual([at(2), at(1)]);
  expect(outdatedByLogins([{ ...both, shown }], logins)).toEqual([]);
});

test("who was shown stays shown when the log does not reach back to them, and is shown once", () => {
  const shown = [login("wiki", 2), login("wiki", 1)];
  expect(lastLogins([], card("wiki", shown))).toEqual(shown);
  expect(outdatedByLogins([card("wiki", shown)], [login("other", 9)])).toEqual([]);
  const read = [login("wiki", 3), login("wiki", 2)];
  expect(lastLogins(read, card("wiki", shown)).map((each) => each.at)).toEqual([3, 2, 1].map(at));
});

test.each<[string, { from: number | null; shown?: number[]; here?: number[] }, number | null]>([
  ["a log that was read to its end", { from: null }, null],
  ["one that reaches back to the opening", { from: 10 }, null],
  ["one that does not", { from: 11 }, 11],
  ["one that does not, on a card that has shown somebody", { from: 30, shown: [12], here: [40] }, 30],
  ["one that has all that a card can show", { from: 30, here: [31, 32, 33, 34, 35] }, null],
])("%s leaves open who came in before: %o", (_, { from, shown = [], here = [] }, expected) => {
  const log = { logins: here.map((minute) => login("wiki", minute)), from: from === null ? null : at(from) };
  const known = card(
    "wiki",
    shown.map((minute) => login("wiki", minute)),
  );
  expect(loginsToShow(log, known, at(10))?.from).toEqual(expected === null ? null : at(expected));
});

test("a log that cannot be read takes nobody off a card, and says nothing where there was nobody", () => {
  const shown = [login("wiki", 1)];
  expect(loginsToShow(null, card("wiki", shown), at(0))).toEqual({ last: shown, read: false, from: null });
  expect(loginsToShow(null, card("wiki", []), at(0))).toBeNull();
});

test("a card is outdated by a log-in that it does not show, also by one that is told late", () => {
  const logins = [
    login("same", 1),
    login("new", 5),
    login("new", 1),
    login("late", 5),
    login("late", 4),
    login("unread", 1),
  ];
  const cards = [
    card("same", [login("same", 1)]),
    card("new", [login("new", 1)]),
    card("late", [login("late", 5)]),
    card("unread"),
    card("nobody", []),
  ];
  expect(outdatedByLogins(cards, logins)).toEqual(["unread", "new", "late"]);
});

test("a card that says nobody knows is outdated once it can be said that nobody came", () => {
  expect(outdatedByLogins([card("wiki")], [])).toEqual(["wiki"]);
});
