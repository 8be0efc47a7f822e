// Figure: from the approval to an open hostname, with every call to Cloudflare taking 100 ms, and how many of these calls
// wait for one another.
import { actions, buttonValue } from "../src/views/ids.ts";
import { type Call, longestChain, watchCalls } from "./calls.ts";
import { type Asked, addPending } from "./exposures.ts";
import { type Figure, quantile } from "./figure.ts";
import { onStage, type Stage, until } from "./stage.ts";

const SERVICE = "grafana";
const CALL_MS = 100;

export function opening(times: number): Figure {
  return {
    name: "opening",
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        const [first, ...cards] = await addPending(stage, times + 1, SERVICE);
        await stage.startBot();
        // The first one finds nothing remembered, such as what people call the tunnel.
        if (first) await openOne(stage, first);
        const fault = { vendor: "cloudflare", times: 0, effect: { kind: "delay", ms: CALL_MS } } as const;
        stage.sandbox.shared.faults.add(fault);
        const runs: Run[] = [];
        for (const card of cards) runs.push(await openOne(stage, card));
        return measures(runs);
      }),
  };
}

type Run = { ms: number; calls: Call[] };

function measures(runs: Run[]) {
  const median = (pick: (run: Run) => number) => quantile(runs.map(pick), 0.5);
  const chains = runs.map(({ calls }) => longestChain(calls.filter(({ kind }) => kind !== "visit")));
  const lengths = chains.map((chain) => chain.length);
  const floor = quantile(lengths, 0.5) * CALL_MS + WAITS_BETWEEN_VISITS * WAIT_MS;
  const total = median(({ ms }) => ms);
  const note = chains[0]?.map(({ name }) => name).join("; ");
  return [
    { what: "approve to open, Cloudflare takes 100 ms for each call", value: total, unit: "ms", aim: null },
    // Six, and then the connectors' answer, with the configuration read back beside it.
    {
      what: "calls that wait for one another",
      value: Math.max(...lengths),
      unit: "calls",
      aim: { most: 7 },
      note,
    },
    {
      what: "… questions to the connectors",
      value: median((run) => countOf(run, "connectors")),
      unit: "calls",
      aim: null,
    },
    {
      what: "… visits from outside",
      value: median((run) => countOf(run, "visit")),
      unit: "visits",
      aim: null,
    },
    { what: "… calls in all", value: median((run) => countOf(run, "call")), unit: "calls", aim: null },
    {
      what: "… beside calls and the pauses between visits alone",
      value: total / floor,
      unit: "times",
      aim: { most: 1.2 },
    },
  ];
}

/** Three visits prove the gate, two seconds apart. */
const WAITS_BETWEEN_VISITS = 2;
const WAIT_MS = 2000;

function countOf({ calls }: Run, kind: Call["kind"]): number {
  return calls.filter((call) => call.kind === kind).length;
}

async function openOne(stage: Stage, card: Asked): Promise<Run> {
  const calls = watchCalls(stage.sandbox);
  const began = performance.now();
  await approve(stage, card);
  await until(`${card.hostname} is open`, async () => (await phaseOf(stage, card.id)) === "open");
  return { ms: performance.now() - began, calls: calls.stop() };
}

export async function approve({ sandbox }: Stage, { id, digest, ts }: Asked): Promise<void> {
  const action = { actionId: actions.approve, value: buttonValue(id, digest) };
  await sandbox.slack.act("U0LEE", { channel: "C0APPROVALS", ts }, action);
}

/** Of one exposure, as the store has it. */
export async function phaseOf({ database }: Stage, id: string): Promise<string | undefined> {
  const row = await database.db
    .selectFrom("exposures")
    .select("phase")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.phase;
}
