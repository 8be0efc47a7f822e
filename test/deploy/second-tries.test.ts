// What CI says of tests that passed only at their second try, by a real report of vitest: its format is nowhere promised.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const SCRIPT = ".ci/second-tries.mjs";

const FLAKY = `
let tries = 0;
describe("a bridge", () => {
  test("opens at the second try", () => expect(++tries).toBe(2));
  test("opens", () => expect(1).toBe(1));
  test("never opens", () => expect(1).toBe(2));
});
`;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "second-tries-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test("those that passed at their second try are named, with why they failed at the first", async () => {
  const root = folder();
  writeFileSync(join(root, "flaky.test.ts"), FLAKY);
  const report = join(root, "report.json");
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--root", root, "--globals", "--retry", "1"];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  await expect(run(process.execPath, [...vitest, ...reporters])).rejects.toMatchObject({ code: 1 });
  const { stdout } = await run(process.execPath, [SCRIPT, report]);
  const [count, named, why, ...rest] = stdout.split("\n");
  expect(count).toBe("1 needed a second try");
  expect(named).toMatch(/^ {2}\S+flaky\.test\.ts: a bridge opens at the second try$/);
  expect(why).toMatch(/^ {4}AssertionError: expected 1 to be 2/);
  expect(rest).toEqual([""]);
});

test("where the tests left no report, that is said", async () => {
  const { stdout } = await run(process.execPath, [SCRIPT, join(folder(), "report.json")]);
  expect(stdout).toMatch(/^how many needed a second try is not known: .*\n$/);
});
