// kill -9 at every vendor call of an opening, an extension and a closing, on Postgres and on the embedded store. The calls
// are those that an undisturbed life makes there. In shares, so that some of them can be run alone: `-t "Postgres, share 3"`.
import { expect, test } from "vitest";
import { type Cell, discover, type Outcome, runMatrix, summary, withWorld } from "../crash-matrix.ts";

const SHARES = 8;
const WORLDS = 3;
const ENGINES = ["Postgres", "the embedded store"];
const PARTS = ENGINES.flatMap((engine) =>
  Array.from({ length: SHARES }, (_, share) => ({ engine, share: share + 1 })),
);

const found = new Map<boolean, Promise<Cell[]>>();

/** A slower store has more said in one message. */
function cellsOn(embedded: boolean): Promise<Cell[]> {
  const cells = found.get(embedded) ?? withWorld({ embedded }, discover);
  found.set(embedded, cells);
  return cells;
}

/** Which calls are made can hang on what comes first. One that a life happened not to make is tried in another. */
async function run(share: number, embedded: boolean): Promise<void> {
  const cells = await cellsOn(embedded);
  const chosen = cells.filter((_, index) => index % SHARES === share - 1);
  const first = await runMatrix(chosen, WORLDS, { embedded });
  const unmet = missed(first);
  const again = await runMatrix(unmet, WORLDS, { embedded });
  const outcomes = [...first.filter(({ cell }) => !unmet.includes(cell)), ...again];
  process.stdout.write(`${chosen.length} of ${cells.length} boundaries\n${summary(outcomes)}`);
  expect(outcomes.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(missed(outcomes).length).toBeLessThan(chosen.length / 5);
}

function missed(outcomes: Outcome[]): Cell[] {
  return outcomes.filter(({ met, wrong }) => !met && wrong === null).map(({ cell }) => cell);
}

test.each(PARTS)("killed at every call on $engine, share $share", ({ engine, share }) =>
  run(share, engine !== "Postgres"),
);
