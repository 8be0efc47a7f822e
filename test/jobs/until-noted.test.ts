// What waits for a store that is away, and what is no reason to wait.
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { untilNoted } from "../../src/jobs/until-noted.ts";

const REFUSED = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });

/** Notes that fail with each of these first; what was tried and logged. */
function noting(faults: unknown[]) {
  const said: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void said.push(line) });
  let tries = 0;
  const note = async () => {
    tries += 1;
    if (faults.length > 0) throw faults.shift();
  };
  return { noted: untilNoted(log, note), tries: () => tries, said };
}

test("a store that is away is waited for, and that is said once", async () => {
  const { noted, tries, said } = noting([REFUSED, new Error("Query read timeout"), REFUSED]);
  await noted;
  expect(tries()).toBe(4);
  expect(said.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, msg: "what Slack took waits for the store to be noted", err: { code: "ECONNREFUSED" } },
  ]);
});

test.each([
  ["a fault of our own", new TypeError("Cannot read properties of undefined")],
  ["what the store refuses", Object.assign(new Error("duplicate key"), { code: "23505" })],
])("%s is thrown at once, even after a wait", async (_, fault) => {
  const first = noting([fault]);
  await expect(first.noted).rejects.toBe(fault);
  expect(first.tries()).toBe(1);
  expect(first.said).toEqual([]);
  const later = noting([REFUSED, fault]);
  await expect(later.noted).rejects.toBe(fault);
  expect(later.tries()).toBe(2);
});

test("nobody waits for longer than a job is leased", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { noted, tries } = noting(Array.from({ length: 1_000 }, () => REFUSED));
  await expect.poll(tries).toBeGreaterThan(1);
  vi.advanceTimersByTime(5 * 60_000 + 1);
  await expect(noted).rejects.toBe(REFUSED);
});
