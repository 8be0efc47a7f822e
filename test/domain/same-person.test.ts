// Two accounts of one person are told by their email; an email that nobody knows tells nothing.
import { expect, it } from "vitest";
import { type Person, samePerson } from "../../src/domain/exposure.ts";
import { asha, ashaAgain, lee } from "./exposure-sample.ts";

const unknown = (slackId: string): Person => ({ slackId, email: "" });

it.each<[string, Person, Person, boolean]>([
  ["one account", asha, { ...asha, email: "asha@old.example" }, true],
  ["one email under two accounts, in any case of letters", asha, ashaAgain, true],
  ["two people", asha, lee, false],
  ["one account whose email is unknown", asha, unknown(asha.slackId), true],
  ["two accounts whose emails are unknown", unknown("U0ONE"), unknown("U0TWO"), false],
  ["two accounts of which one has an email", asha, unknown("U0TWO"), false],
])("%s", (_, left, right, same) => {
  expect([samePerson(left, right), samePerson(right, left)]).toEqual([same, same]);
});
