// Answers kept for a while: how long, for whom, and what a failure does.
import { expect, test } from "vitest";
import { lastKnown, remembered } from "../../src/services/remembered.ts";

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

test("an answer is asked for anew, unless an older one will do; it stands in for faults that may pass, while it is young", async () => {
  let [ms, count] = [0, 0];
  let fault: Error | null = null;
  const passing = new Error("busy");
  const ask = lastKnown(
    async () => {
      if (fault) throw fault;
      count += 1;
      return count;
    },
    { mayPass: (error) => error === passing, now: () => ms },
  );
  fault = passing;
  await expect(ask("a", { standInMs: 1000 })).rejects.toThrow("busy");
  fault = null;
  expect([await ask("a"), await ask("a"), await ask("a", { maxAgeMs: 10 })]).toEqual([1, 2, 2]);
  ms = 999;
  fault = passing;
  await expect(ask("a")).rejects.toThrow("busy");
  await expect(ask("b", { standInMs: 1000 })).rejects.toThrow("busy");
  expect(await ask("a", { standInMs: 1000 })).toBe(2);
  ms = 1000;
  await expect(ask("a", { standInMs: 1000 })).rejects.toThrow("busy");
  ms = 999;
  fault = new Error("no such person");
  await expect(ask("a", { standInMs: 1000 })).rejects.toThrow("no such person");
});
