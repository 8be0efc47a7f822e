// The figures as a table for people.
import { isMet, type Measure } from "./figure.ts";
import type { Machine } from "./machine.ts";

export type Taken = { figure: string; measures: Measure[] };

export function tableOf(machine: Machine, taken: Taken[]): string {
  const rows = taken.flatMap(({ figure, measures }) =>
    measures.map((each, index) => [index === 0 ? figure : "", ...cellsOf(each)]),
  );
  const all = [["figure", "what", "measured", "aim", "met"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const notes = taken.flatMap(({ measures }) =>
    measures.flatMap(({ what, note }) => (note ? `${what}: ${note}` : [])),
  );
  return [machineWords(machine), "", ...lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

function machineWords({ cpu, cores, memoryGiB, system, node, postgres, date }: Machine): string {
  return `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${system}; Node ${node}; Postgres ${postgres}; ${date}`;
}

function cellsOf(measure: Measure): string[] {
  const met = isMet(measure);
  return [
    measure.what,
    `${numberWords(measure.value)} ${measure.unit}`.trim(),
    aimWords(measure),
    met === null ? "" : met ? "yes" : "NO",
  ];
}

function aimWords({ aim }: Measure): string {
  if (aim === null) return "";
  return "most" in aim ? `at most ${numberWords(aim.most)}` : `at least ${numberWords(aim.least)}`;
}

function numberWords(value: number): string {
  if (Number.isNaN(value)) return "not measured";
  return Math.abs(value) >= 100 || Number.isInteger(value)
    ? String(Math.round(value))
    : value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}
