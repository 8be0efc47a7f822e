// kill -9 at every vendor call of an opening, on Postgres.
import { expect, test } from "vitest";
import { discover, runMatrix, summary, withWorld } from "../crash-matrix.ts";

test("killed at every call of an opening", async () => {
  const cells = (await withWorld({}, discover)).filter(({ part }) => part === "opening");
  const outcomes = await runMatrix(cells.slice(0, Number(process.env.CELLS ?? 1000)), 4);
  process.stdout.write(summary(outcomes));
  expect(outcomes.filter(({ wrong }) => wrong !== null)).toEqual([]);
});
