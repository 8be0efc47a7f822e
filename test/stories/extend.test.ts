// More time: said in time, added at once within the policy, asked for above it, and never with a gap.
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { errorsIn, forge, lastEnvelope } from "../envelopes.ts";
import { expose, threadOf } from "../exposing.ts";
import { endOf, toldOf, wishesForMore } from "../extending.ts";
import type { Person } from "../people.ts";
import { withShops } from "../shops.ts";
import { actsOf } from "../trail.ts";
import { buttonsOf, createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  const policy = await readFile(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8");
  world = await createWorld({
    seed: withShops(12),
    policy: policy.replace("freeExtension: 1h", "freeExtension: 90m"),
  });
});
afterEach(async () => {
  await Promise.all([world.asha, world.lee, world.tom].map((each) => each.closesForms()));
});
afterAll(() => world.close());

test("what is left within the policy can be chosen and is added at once, and nobody who visits notices", async () => {
  const { asha } = world;
  const host = await expose(world, { service: "shop-1", duration: 60 });
  const end = endOf(world, host);
  const visits = visitsTo(host);

  await asha.presses("Extend", world.card(host));
  const form = await asha.modal();
  expect(textOf({ blocks: form.view.blocks } as never)).toContain(
    "Up to 1 h 30 min is added at once; more waits for an approver.",
  );
  expect(await asha.submits({ "form.duration": "60", "form.reason": "Not done yet" })).toBeNull();
  await world.until("the card shows the new end", () => endOf(world, host) === end + 3600);
  await asha.presses("Extend", world.card(host));
  const rest = await asha.modal();
  expect(textOf({ blocks: rest.view.blocks } as never)).toContain("Up to 30 min is added at once");
  expect(await asha.submits({ "form.duration": "30", "form.reason": "Nearly there" })).toBeNull();
  await world.until("the card shows the new end", () => endOf(world, host) === end + 5400);
  await world.until(
    "the requester is told",
    () => toldOf(world, host, "It stays open for longer: it ends <!date").length === 2,
  );

  expect(new Set(await visits.stop())).toEqual(new Set(["reached the service"]));
  expect(changesAt(host)).not.toContain("route removed");
  expect(changesAt(host).filter((each) => each === "route added")).toHaveLength(1);

  await asha.presses("Extend", world.card(host));
  const again = await asha.modal();
  expect(textOf({ blocks: again.view.blocks } as never)).toContain("An approver decides about more time.");
});

test("more than that waits for a lead, and is there without a gap when the lead agrees", async () => {
  const { asha, lee } = world;
  const host = await expose(world, { service: "shop-2", duration: 60 });
  const end = endOf(world, host);
  const visits = visitsTo(host);
  await asha.presses("Extend", world.card(host));
  expect(await asha.submits({ "form.duration": "240", "form.reason": "The auditors stay" })).toBeNull();

  await world.until("the card asks", () =>
    world.cardText(host).includes("*More time asked for:* 4 h more, by <@U0ASHA>."),
  );
  expect(world.cardText(host)).toContain("The auditors stay");
  expect(world.cardText(host)).toContain(
    "Time: 1 h, counted from when it is seen open; an approval adds 4 h",
  );
  expect(endOf(world, host)).toBe(end);
  expect(buttonsOf(world.card(host))).toEqual(["Approve", "Deny", "Withdraw", "Close"]);
  await world.until("the thread calls the approvers", () =>
    threadOf(world, host).some((each) =>
      each.includes(`<!subteam^S0LEADS>: <@U0ASHA> asks for 4 h more. It closes <!date^${end}^`),
    ),
  );
  expect(await asha.pressesInVain("Approve", world.card(host))).toMatch(
    /^Nobody decides on their own request/,
  );
  expect(await world.tom.pressesInVain("Deny", world.card(host))).toMatch(/^Only the approvers/);

  await lee.presses("Approve", world.card(host));
  await world.until("the card shows the new end", () => endOf(world, host) === end + 4 * 3600);
  expect(world.cardText(host)).toContain("More time was given by <@U0LEE>");
  expect(world.cardText(host)).toMatch(/^Open: shop-2 at \S+ to All employees for 5 h\./);
  expect(new Set(await visits.stop())).toEqual(new Set(["reached the service"]));
  expect(changesAt(host)).not.toContain("route removed");
  expect((await actsOf(world, host)).slice(2)).toEqual([
    "U0ASHA extend: ok",
    "U0ASHA approve: own-request",
    "U0TOM deny: not-an-approver",
    "U0LEE approve: ok",
  ]);
});

test("a denied wish leaves the end where it was, and the reason reaches the requester", async () => {
  const { asha, lee } = world;
  const host = await expose(world, { service: "shop-3", duration: 60 });
  const end = endOf(world, host);
  await wishesForMore(world, host, 480);
  await lee.presses("Deny", world.card(host));
  expect(await lee.submits({ "form.reason": "One hour was the deal" })).toBeNull();
  await world.until("the wish is gone", () => !world.cardText(host).includes("More time asked for"));
  expect(endOf(world, host)).toBe(end);
  const [words] = await world.until("the requester is told", () => {
    const found = toldOf(world, host, "<@U0LEE> gave no more time. It still ends <!date");
    return found.length > 0 ? found : null;
  });
  expect(words).toContain("One hour was the deal");
  expect(buttonsOf(world.card(host))).toEqual(["Close", "Extend"]);

  await wishesForMore(world, host, 240);
  await asha.presses("Withdraw", world.card(host));
  await world.until("the wish is gone", () => !world.cardText(host).includes("More time asked for"));
  expect(endOf(world, host)).toBe(end);
});

test("who withdraws a wish is told nothing, and of another's wish both hear what became of it", async () => {
  const { asha, lee, mina } = world;
  const host = await expose(world, { service: "shop-7", duration: 60 });
  const told = (person: Person, words: string) =>
    person
      .directMessages()
      .map(textOf)
      .filter((each) => each.includes(host) && each.includes(words)).length;
  const gone = () =>
    world.until("the wish is gone", () => !world.cardText(host).includes("More time asked for"));

  await wishesForMore(world, host, 240);
  await asha.presses("Withdraw", world.card(host));
  await gone();
  await wishesForMore(world, host, 240, lee);
  await asha.presses("Withdraw", world.card(host));
  await world.until("Lee is told", () => told(lee, "more time was withdrawn by <@U0ASHA>") === 1);
  await gone();
  await wishesForMore(world, host, 240, lee);
  await mina.presses("Deny", world.card(host));
  expect(await mina.submits({ "form.reason": "One hour was the deal" })).toBeNull();
  for (const person of [asha, lee])
    await world.until("both are told", () => told(person, "<@U0MINA> gave no more time.") === 1);

  expect(told(asha, "Nobody gave more time.") + told(asha, "was withdrawn")).toBe(0);
  expect(told(lee, "Nobody gave more time.")).toBe(0);
});

test("nobody else extends, nobody shortens, nothing goes over the maximum", async () => {
  const { asha, tom } = world;
  const host = await expose(world, { service: "shop-4", duration: 60 });
  const end = endOf(world, host);
  expect(await tom.pressesInVain("Extend", world.card(host))).toMatch(
    /^Only the person who asked, or an approver/,
  );

  await asha.presses("Extend", world.card(host));
  await asha.modal();
  const before = (await actsOf(world, host)).length;
  expect(await asha.submits({ "form.reason": "  " })).toEqual({
    reason: expect.stringMatching(/^Please say why\./),
  });
  const form = lastEnvelope(world, "view_submission");
  const sent = async (value: string) =>
    errorsIn(
      await forge(world, form, ({ view }) => {
        Object.assign(view?.state.values.duration?.["form.duration"] ?? {}, { selected_option: { value } });
        Object.assign(view?.state.values.reason?.["form.reason"] ?? {}, { value: "Because" });
      }),
    );
  for (const value of ["-60", "0", "1441", "1e9"])
    expect((await sent(value))?.duration).toBe(
      "The policy allows 1 day at the most. Choose a shorter time, or press Approve Shorter.",
    );
  expect(endOf(world, host)).toBe(end);
  expect((await actsOf(world, host)).slice(before)).toEqual([
    "U0ASHA extend: reason-missing",
    ...Array.from({ length: 4 }, () => "U0ASHA extend: over-maximum"),
  ]);
});

test("a log-in never lasts longer than the exposure, nor than a day", async () => {
  const short = await expose(world, { service: "shop-5", duration: 60 });
  const long = await expose(world, { service: "shop-6", duration: "until-closed" });
  expect([sessionAt(short), sessionAt(long)]).toEqual([60, 24 * 60]);
});

function changesAt(host: string): string[] {
  return world.sandbox.cloudflare.history(host).map((each) => each.what);
}

/** How long a log-in lasts there, in minutes. */
function sessionAt(host: string): number {
  const application = world.sandbox.cloudflare.applications().find((each) => each.domain === host);
  const [, count, unit] = /^(\d+)([mh])$/.exec(String(application?.session_duration)) ?? [];
  return Number(count) * (unit === "h" ? 60 : 1);
}

/** An employee who visits over and over until told to stop. */
function visitsTo(host: string): { stop(): Promise<string[]> } {
  const seen: string[] = [];
  let going = true;
  const walking = (async () => {
    while (going) {
      seen.push((await world.sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    async stop() {
      going = false;
      await walking;
      return seen;
    },
  };
}
