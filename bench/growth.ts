// Figure: whether it stays as quick as it was once the store is full of what is over.
import type { JournalEntry } from "../sandbox/contract.ts";
import { addPast, addPending } from "./exposures.ts";
import { type Figure, type Measure, quantile } from "./figure.ts";
import { approve, phaseOf } from "./opening.ts";
import { onStage, type Stage, until } from "./stage.ts";

const LISTS = 200;
const OPENINGS = 5;
/** A process that has just started is slow at everything. */
const WARM_UP = { lists: 100, openings: 1 };
const FLAT = { most: 1.5 };
/** The pauses between visits would hide what the store costs. */
const ENV = { PROOF_INTERVAL_MS: "50" };

type Taken = { past: number; opening: number; list: number; all: number };

export function growth(sizes: number[]): Figure {
  return {
    name: "growth",
    async run(bench) {
      const taken: Taken[] = [];
      for (const past of sizes) taken.push(await onStage(bench, { env: ENV }, (stage) => take(stage, past)));
      const [first, last] = [taken.at(-2), taken.at(-1)];
      const ratio = (pick: (one: Taken) => number) => (first && last ? pick(last) / pick(first) : Number.NaN);
      return [
        ...taken.flatMap(measuresOf),
        {
          what: "approve to open, the most beside the size before",
          value: ratio(({ opening }) => opening),
          unit: "times",
          aim: FLAT,
        },
        {
          what: "/expose list, the most beside the size before",
          value: ratio(({ list }) => list),
          unit: "times",
          aim: FLAT,
        },
        {
          what: "/expose list all, the most beside the size before",
          value: ratio(({ all }) => all),
          unit: "times",
          aim: FLAT,
        },
      ];
    },
  };
}

function measuresOf({ past, opening, list, all }: Taken): Measure[] {
  const told = `with ${past} past exposures`;
  return [
    { what: `approve to open ${told}`, value: opening, unit: "ms", aim: null },
    { what: `/expose list ${told}`, value: list, unit: "ms", aim: null },
    { what: `/expose list all ${told}`, value: all, unit: "ms", aim: null },
  ];
}

async function take(stage: Stage, past: number): Promise<Taken> {
  await addPast(stage, past);
  const cards = await addPending(stage, OPENINGS + WARM_UP.openings, "grafana");
  await stage.startBot();
  const openings: number[] = [];
  for (const card of cards) {
    const began = performance.now();
    await approve(stage, card);
    await until("it is open", async () => (await phaseOf(stage, card.id)) === "open");
    openings.push(performance.now() - began);
  }
  const median = (values: number[], warmUp: number) => quantile(values.slice(warmUp), 0.5);
  return {
    past,
    opening: median(openings, WARM_UP.openings),
    list: median(await lists(stage, "list"), WARM_UP.lists),
    all: median(await lists(stage, "list all"), WARM_UP.lists),
  };
}

async function lists({ sandbox }: Stage, text: string): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP.lists + LISTS; round++) {
    const answered = Promise.withResolvers<number>();
    const stop = sandbox.shared.journal.onWrite((entry: JournalEntry) => {
      if (entry.path.startsWith("/response/")) answered.resolve(performance.now());
    });
    const began = performance.now();
    await sandbox.slack.command("U0ASHA", "C0GENERAL", "/expose", text);
    times.push((await answered.promise) - began);
    stop();
  }
  return times;
}
