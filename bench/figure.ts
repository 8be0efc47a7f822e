// What a figure is: a few measured values, each with the aim that it is held against. A bench tells; it never fails.
import type { Bench } from "./stage.ts";

/** Bounds belong to the value: at most so much, at least so much. */
export type Aim = { most: number } | { least: number };

export type Measure = { what: string; value: number; unit: string; aim: Aim | null; note?: string };

export type Figure = { name: string; run(bench: Bench): Promise<Measure[]> };

export function isMet({ aim, value }: Measure): boolean | null {
  if (aim === null) return null;
  return "most" in aim ? value <= aim.most : value >= aim.least;
}

/** The value below which this share of all lies; the nearest that was really measured. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** p50, p95 and p99 as measures without an aim. */
export function spread(what: string, milliseconds: number[]): Measure[] {
  return [0.5, 0.95, 0.99].map((share) => ({
    what: `${what}, p${share * 100}`,
    value: quantile(milliseconds, share),
    unit: "ms",
    aim: null,
  }));
}
