// While the store is away each worker and each look fails several times a second: the log says so, and does not drown in it.
import { expect, test } from "vitest";
import { warnSeldom } from "../../src/jobs/seldom.ts";
import { createLogger } from "../../src/log.ts";

function written(errors: [second: number, error: unknown][]): { message: string; unsaid?: number }[] {
  const lines: string[] = [];
  let at = 0;
  const log = createLogger({ level: "info", destination: { write: (line) => void lines.push(line) } });
  const warn = warnSeldom(log, () => at * 1000);
  for (const [second, error] of errors) {
    at = second;
    warn(error, "the queue had an error");
  }
  return lines.map((line) => JSON.parse(line));
}

const refused = (port: number) =>
  Object.assign(new Error(`connect ECONNREFUSED :${port}`), { code: "ECONNREFUSED" });

test("the same again within a minute is counted and not written, wherever it came from", () => {
  const lines = written(Array.from({ length: 121 }, (_, second) => [second, refused(second)]));
  expect(lines.map(({ unsaid }) => unsaid)).toEqual([undefined, 59, 59]);
});

test("another kind of error is written at once", () => {
  const fault = new TypeError("no such thing");
  const lines = written([
    [0, refused(1)],
    [1, fault],
    [2, refused(1)],
    [3, fault],
    [4, null],
  ]);
  expect(lines).toHaveLength(3);
});
