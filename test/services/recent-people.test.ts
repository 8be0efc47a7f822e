// For how long an answer about people and groups is remembered, and for how long a failure.
import { expect, test } from "vitest";
import { ServiceFailure } from "../../src/services/failure.ts";
import { createRecentPeople } from "../../src/services/recent-people.ts";
import type { SlackPerson } from "../../src/services/slack.ts";
import { fromCode, fromStatus, tooMany } from "../../src/services/slack-failure.ts";

const GROUP = "usergroups.users.list";

function start(faults: Error[] = []) {
  const asked: string[] = [];
  let seconds = 0;
  const answer = <T>(id: string, value: T): Promise<T> => {
    asked.push(id);
    const fault = faults.shift();
    return fault ? Promise.reject(fault) : Promise.resolve(value);
  };
  const member = { realName: "Asha", isBot: false, isGuest: false, isStranger: false, deleted: false };
  const person = (id: string): SlackPerson => ({
    ...member,
    id,
    email: "a@lakeside.example",
    teamIds: ["T0"],
  });
  const people = createRecentPeople({
    slack: {
      teamId: async () => "T0",
      person: (id) => answer(id, person(id)),
      userGroupMembers: (id) => answer(id, ["U0ASHA"]),
    },
    allowedEmailDomains: ["lakeside.example"],
    now: () => new Date(seconds * 1000),
  });
  return { people, asked, at: (moment: number) => (seconds = moment) };
}

test("an answer holds for a minute: a group's for whoever is asked about, a person's for them alone", async () => {
  const { people, asked, at } = start();
  expect(await people.isMemberOf("U0ASHA", "S0A")).toBe(true);
  expect(await people.isMemberOf("U0LEE", "S0A")).toBe(false);
  expect(await people.judge("U0ASHA")).toMatchObject({ ok: true, person: { slackId: "U0ASHA" } });
  expect(await people.judge("U0LEE")).toMatchObject({ ok: true, person: { slackId: "U0LEE" } });
  at(59);
  await Promise.all([people.isMemberOf("U0ASHA", "S0A"), people.judge("U0ASHA")]);
  expect(asked).toEqual(["S0A", "U0ASHA", "U0LEE"]);
  at(60);
  await Promise.all([people.isMemberOf("U0LEE", "S0A"), people.judge("U0ASHA")]);
  expect(asked).toEqual(["S0A", "U0ASHA", "U0LEE", "S0A", "U0ASHA"]);
});

test.each<[what: string, fault: Error, seconds: number]>([
  ["that passes, for ten seconds", fromStatus(GROUP, 500), 10],
  ["by Slack's limit, for as long as Slack says", tooMany(GROUP, 30_000), 30],
  ["by Slack's limit, for a minute at the most", tooMany(GROUP, 3_600_000), 60],
  ["that does not pass by itself, for a minute", fromCode(GROUP, "no_such_subteam"), 60],
])("a failure %s stays a failure, and nobody is asked", async (_, fault, seconds) => {
  const { people, asked, at } = start([fault]);
  const looking = () => people.isMemberOf("U0ASHA", "S0A");
  await expect(looking()).rejects.toBe(fault);
  at(seconds - 1);
  await expect(looking()).rejects.toBeInstanceOf(ServiceFailure);
  expect(asked).toHaveLength(1);
  at(seconds);
  expect(await looking()).toBe(true);
});

test("a fault of our own is not remembered", async () => {
  const { people } = start([new TypeError("x is not a function")]);
  await expect(people.judge("U0ASHA")).rejects.toThrow("x is not a function");
  expect(await people.judge("U0ASHA")).toMatchObject({ ok: true });
});

test("of many people the newest two thousand are remembered", async () => {
  const { people, asked } = start();
  for (let index = 0; index <= 2000; index += 1) await people.judge(`U${index}`);
  await people.judge("U1");
  expect(asked).toHaveLength(2001);
  await people.judge("U0");
  expect(asked).toHaveLength(2002);
});
