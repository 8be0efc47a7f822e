// Answers kept for a while: how long, for whom, and what a failure does.
import { expect, test } from "vitest";
import { remembered } from "../../src/services/remembered.ts";

function asking(keeping: { failureKeptMs?: () => number } = {}) {
  const asked: string[] = [];
  const failing = new Set<string>();
  let ms = 0;
  const ask = remembered(
    async (key) => {
      asked.push(key);
      if (failing.has(key)) throw new Error("no answer");
      return `${key} ${asked.length}`;
    },
    { maxAgeMs: 60_000, now: () => ms, ...keeping },
  );
  const pass = (more: number) => {
    ms += more;
  };
  return { ask, asked, failing, pass };
}

test("who asks at the same time, or soon after, is given the same answer; later it is asked for anew", async () => {
  const { ask, asked, pass } = asking();
  expect(await Promise.all([ask("a"), ask("a"), ask("b")])).toEqual(["a 1", "a 1", "b 2"]);
  pass(59_999);
  expect(await ask("a")).toBe("a 1");
  pass(1);
  expect(await ask("a")).toBe("a 3");
  expect(asked).toEqual(["a", "b", "a"]);
});

test("a failure is the answer of all who wait for it, and for as long after as it is to be", async () => {
  const { ask, asked, failing } = asking();
  failing.add("a");
  expect(await Promise.allSettled([ask("a"), ask("a")])).toMatchObject(Array(2).fill({ status: "rejected" }));
  failing.clear();
  expect(await ask("a")).toBe("a 2");
  expect(asked).toEqual(["a", "a"]);

  const later = asking({ failureKeptMs: () => 1_000 });
  later.failing.add("a");
  for (let tries = 0; tries < 2; tries++) await expect(later.ask("a")).rejects.toThrow("no answer");
  later.failing.clear();
  later.pass(1_000);
  expect(await later.ask("a")).toBe("a 2");
});

test("of very many, those that were asked for longest ago make room", async () => {
  const { ask, asked } = asking();
  for (let at = 0; at < 2_001; at++) await ask(String(at));
  await ask("1");
  await ask("0");
  expect(asked.slice(2_001)).toEqual(["0"]);
});
