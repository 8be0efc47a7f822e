import { expect, test } from "vitest";
import { type Login, lastLogins, loginsKey, outdatedByLogins } from "../../src/domain/logins.ts";

const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 12, minute));
const login = (applicationId: string, minute: number, email = "kim@example.com"): Login => ({
  applicationId,
  email,
  at: at(minute),
});

test("the last five of one application, newest first, whatever order they come in", () => {
  const logins = [3, 1, 7, 2, 6, 5, 4].map((minute) => login("wiki", minute));
  expect(lastLogins([...logins, login("other", 9)], ["wiki"]).map((each) => each.at)).toEqual(
    [7, 6, 5, 4, 3].map(at),
  );
});

test("who came in before the gate was made anew has come in", () => {
  const logins = [login("second", 2), login("first", 1), login("other", 3)];
  const shown = lastLogins(logins, ["first", "second"]);
  expect(shown.map(({ at }) => at)).toEqual([at(2), at(1)]);
  const card = { exposureId: "x", applicationIds: ["first", "second"], shown: loginsKey(shown) };
  expect(outdatedByLogins([card], logins)).toEqual([]);
});

test("what tells log-ins apart names nobody", () => {
  const key = loginsKey([login("wiki", 2, "kim@example.com"), login("wiki", 1)]);
  expect(key).toBe("2030-01-01T12:02:00.000Z 2030-01-01T12:01:00.000Z");
});

test("a card is outdated by a log-in that it does not show, also by one that is told late", () => {
  const card = (exposureId: string, shown: string | null) => ({
    exposureId,
    applicationIds: [exposureId],
    shown,
  });
  const logins = [
    login("same", 1),
    login("new", 5),
    login("new", 1),
    login("late", 5),
    login("late", 4),
    login("unread", 1),
  ];
  const cards = [
    card("same", loginsKey([login("same", 1)])),
    card("new", loginsKey([login("new", 1)])),
    card("late", loginsKey([login("late", 5)])),
    card("unread", null),
    card("nobody", ""),
  ];
  expect(outdatedByLogins(cards, logins)).toEqual(["unread", "new", "late"]);
});

test("a card that says nobody knows is outdated once it can be said that nobody came", () => {
  expect(outdatedByLogins([{ exposureId: "x", applicationIds: ["a"], shown: null }], [])).toEqual(["x"]);
});
