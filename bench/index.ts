// `npm run bench`: takes every figure, or those named, and prints them with the machine. It never fails on a value.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../deploy/bundle.ts";
import { answers } from "./answers.ts";
import { burst } from "./burst.ts";
import { commands } from "./commands.ts";
import { crash } from "./crash.ts";
import type { Figure } from "./figure.ts";
import { growth } from "./growth.ts";
import { describeMachine } from "./machine.ts";
import { opening } from "./opening.ts";
import { createBench } from "./stage.ts";
import { start } from "./start.ts";
import { sweep } from "./sweep.ts";
import { type Taken, tableOf } from "./table.ts";
import { diagnosis, drop, healthCalls } from "./tunnels.ts";

const FIGURES: Figure[] = [
  answers(200, 0),
  answers(60, 60),
  commands(500, 60),
  opening(3),
  burst(100),
  sweep([1, 100, 500], 5),
  crash(2),
  start(3, 10_000),
  growth([10, 1_000, 100_000]),
  drop(4),
  diagnosis(200_000),
  healthCalls([1, 10, 50]),
];

const HELP = `npm run bench -- [options] [figure …]

  --json   print JSON instead of a table
  --help   this text

Figures: ${FIGURES.map(({ name }) => name).join(", ")}`;

const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, help: { type: "boolean" } },
});
const unknown = named.filter((name) => !FIGURES.some((figure) => figure.name === name));
if (options.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no figure ${unknown.join(", ")}.`);
  console.log(HELP);
  process.exit(options.help ? 0 : 1);
}

const built = join(import.meta.dirname, "../dist");
await bundle(built);
const bench = await createBench(built);
try {
  const machine = await describeMachine(bench.databaseUrl);
  const taken: Taken[] = [];
  for (const figure of FIGURES.filter(({ name }) => named.length === 0 || named.includes(name)))
    taken.push(await take(figure));
  console.log(options.json ? JSON.stringify({ machine, figures: taken }, null, 2) : tableOf(machine, taken));
} finally {
  await bench.close();
}

/** One that cannot be taken costs no other, and the exit code says so. */
async function take(figure: Figure): Promise<Taken> {
  const began = performance.now();
  try {
    const measures = await figure.run(bench);
    console.error(`${figure.name} taken in ${Math.round((performance.now() - began) / 1000)} s`);
    return { figure: figure.name, measures };
  } catch (error) {
    console.error(`${figure.name} could not be taken:`, error);
    process.exitCode = 1;
    return { figure: figure.name, measures: [] };
  }
}
