// Kills the bot once at each of many boundaries, in several worlds side by side, and notes what came of it.
import { expectRight, type Life, live, PARTS, type Part } from "./killed-story.ts";
import { armKill, type Boundary, boundariesOf, nameOf, UNDISTURBED } from "./kills.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export type Cell = Boundary & { part: Part };
export type Outcome = { cell: Cell; met: boolean; wrong: string | null; backMs: number; rightMs: number };

const OPTIONS: WorldOptions = { ownProcess: true, env: { SWEEP_SECONDS: "600" } };

let names = 0;
function newLife(world: World): Life {
  names += 1;
  return { world, service: "grafana", host: `life-${names}.lakeside.example`, kills: [] };
}

export async function withWorld<T>(options: WorldOptions, run: (world: World) => Promise<T>): Promise<T> {
  const world = await createWorld({ ...OPTIONS, ...options });
  try {
    return await run(world);
  } finally {
    await world.close();
  }
}

/** The calls that two undisturbed lives have in common, as cells. */
export async function discover(world: World): Promise<Cell[]> {
  const [first, second] = [await callsOf(world), await callsOf(world)];
  const known = new Set(second.map(keyOf));
  return first.filter((cell) => known.has(keyOf(cell)));
}

async function callsOf(world: World): Promise<Cell[]> {
  const { journal } = world.sandbox.shared;
  const life = newLife(world);
  const cells: Cell[] = [];
  for (const part of PARTS) {
    journal.clear();
    await live(life, part, UNDISTURBED);
    cells.push(...boundariesOf(journal.entries()).map((boundary) => ({ ...boundary, part })));
    await expectRight(life, part);
  }
  return cells;
}

function keyOf(cell: Cell): string {
  return `${cell.part}: ${nameOf(cell)}`;
}

/** Each world takes the next cells until none is left; one in which something went wrong is replaced. */
export async function runMatrix(
  cells: Cell[],
  worlds: number,
  options: WorldOptions = {},
): Promise<Outcome[]> {
  const lives = inLives(cells);
  const outcomes: Outcome[] = [];
  async function work(): Promise<void> {
    while (lives.length > 0)
      await withWorld(options, async (world) => {
        for (let fine = true; fine && lives.length > 0; ) {
          const found = await runLife(world, lives.shift() ?? {});
          outcomes.push(...found);
          fine = found.every(({ wrong }) => wrong === null);
        }
      });
  }
  await Promise.all(Array.from({ length: worlds }, work));
  return outcomes;
}

/** One exposure can be killed once in each part of its life. */
function inLives(cells: Cell[]): Partial<Record<Part, Cell>>[] {
  const lives: Partial<Record<Part, Cell>>[] = [];
  for (const cell of cells) {
    const free = lives.find((life) => !life[cell.part]);
    if (free) free[cell.part] = cell;
    else lives.push({ [cell.part]: cell });
  }
  return lives;
}

async function runLife(world: World, kills: Partial<Record<Part, Cell>>): Promise<Outcome[]> {
  const life = newLife(world);
  const outcomes: Outcome[] = [];
  for (const part of PARTS) {
    const cell = kills[part];
    if (!cell && part === "extension") continue;
    const outcome = await runPart(life, part, cell ?? null);
    if (outcome) outcomes.push(outcome);
    if (outcome?.wrong) break;
  }
  return outcomes;
}

async function runPart(life: Life, part: Part, cell: Cell | null): Promise<Outcome | null> {
  const kill = cell ? armKill(life.world, cell) : UNDISTURBED;
  life.kills.push(kill);
  const wrong = await live(life, part, kill)
    .then(() => expectRight(life, part))
    .then(
      () => null,
      (error: Error) => error.message,
    );
  // A call that came after the end, such as a sweep's: the next part begins with a bot that lives.
  await kill.back();
  kill.disarm();
  const rightMs = kill.struck() ? Date.now() - kill.killedAt() : 0;
  const met = kill.struck();
  if (!cell) return wrong ? { cell: unkilled(part), met, wrong, backMs: 0, rightMs } : null;
  return { cell, met, wrong, backMs: kill.restartedAfterMs(), rightMs };
}

function unkilled(part: Part): Cell {
  return { part, call: "nothing was killed", nth: 0, moment: "before" };
}

/** A table for whoever runs it, one line for each thing that went wrong. */
export function summary(outcomes: Outcome[]): string {
  const met = outcomes.filter((each) => each.met);
  const wrong = outcomes.filter((each) => each.wrong !== null);
  const spread = (values: number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) =>
      Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / 100) / 10;
    return `median ${at(0.5)} s, p95 ${at(0.95)} s, longest ${at(1)} s`;
  };
  const counts = PARTS.map((part) => `${met.filter(({ cell }) => cell.part === part).length} in the ${part}`);
  return [
    `${met.length} kills (${counts.join(", ")}), ${outcomes.length - met.length} boundaries not met, ${wrong.length} wrong`,
    `from the kill to connected again: ${spread(met.map(({ backMs }) => backMs))}`,
    `from the kill to ended right: ${spread(met.map(({ rightMs }) => rightMs))}`,
    ...wrong.map((each) => `${keyOf(each.cell)}: ${each.wrong}`),
    "",
  ].join("\n");
}
