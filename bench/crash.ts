// Figure: kill -9 in the middle of an opening, and how soon the bot works again: a new click is acked and carried out, and
// what it was at when it died is done.
import { addPending } from "./exposures.ts";
import { type Figure, quantile } from "./figure.ts";
import { approve, phaseOf } from "./opening.ts";
import { onStage, type Stage, until } from "./stage.ts";

export function crash(times: number): Figure {
  return {
    name: "crash",
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        await stage.startBot();
        const runs: Run[] = [];
        for (let round = 0; round < times; round++) runs.push(await killOnce(stage));
        const worst = (pick: (run: Run) => number) => quantile(runs.map(pick), 1);
        return [
          {
            what: "kill -9 to connected again (worst)",
            value: worst((run) => run.connected),
            unit: "ms",
            aim: null,
          },
          { what: "… to a new click acked", value: worst((run) => run.acked), unit: "ms", aim: null },
          {
            what: "… to that click carried out: open",
            value: worst((run) => run.carriedOut),
            unit: "ms",
            aim: { most: 15_000 },
          },
          {
            what: "… to the opening that was cut off done",
            value: worst((run) => run.resumed),
            unit: "ms",
            aim: null,
          },
        ];
      }),
  };
}

type Run = { connected: number; acked: number; carriedOut: number; resumed: number };

async function killOnce(stage: Stage): Promise<Run> {
  const { shared } = stage.sandbox;
  const [cut, next] = await addPending(stage, 2, "grafana");
  if (!cut || !next) throw new Error("there is nothing to approve");
  // Dies with a call to Cloudflare under way, so that its job is still its own.
  shared.faults.add({
    vendor: "cloudflare",
    method: "POST",
    path: "/access/apps$",
    when: "after",
    effect: { kind: "hang" },
  });
  await approve(stage, cut);
  await until("the call is under way", () => shared.faults.list().some((fault) => fault.hits > 0));
  await stage.stopBot("SIGKILL");
  shared.faults.clear();
  const began = performance.now();
  const since = () => performance.now() - began;
  await stage.startBot();
  const connected = since();
  await approve(stage, next);
  const acked = since();
  const isOpen = async (id: string) => (await phaseOf(stage, id)) === "open";
  const times = await Promise.all(
    [next, cut].map(async ({ id }) => {
      await until("it is open", () => isOpen(id));
      return since();
    }),
  );
  return { connected, acked, carriedOut: times[0] ?? Number.NaN, resumed: times[1] ?? Number.NaN };
}
