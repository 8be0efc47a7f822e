// kill -9 at one vendor call of the bot: before it takes effect, when its answer is lost, or right after it was answered.
import { setTimeout as pause } from "node:timers/promises";
import type { FaultRule, JournalEntry, Vendor } from "../sandbox/contract.ts";
import { type AtKill, takeStock } from "./at-kill.ts";
import { shapeOf } from "./exposing.ts";
import type { World } from "./world.ts";

export type Moment = "before" | "answer lost" | "answered";

/** The n-th call of this shape, counted from where the kill is armed. */
export type Boundary = { call: string; nth: number; moment: Moment };

export type Kill = {
  struck(): boolean;
  /** From the moment of the kill until the bot was connected again. */
  restartedAfterMs(): number;
  killedAt(): number;
  /** What stood when it was gone. Null where nothing was killed. */
  found(): AtKill | null;
  /** Resolves at once where nothing was killed; else when the bot is back. */
  back(): Promise<void>;
  disarm(): void;
};

/** The calls of an undisturbed run as boundaries. For a read it is all the same whether it was made or its answer lost. */
export function boundariesOf(entries: JournalEntry[]): Boundary[] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry) => {
    const call = shapeOf(entry);
    const nth = (seen.get(call) ?? 0) + 1;
    seen.set(call, nth);
    const moments: Moment[] = isRead(call) ? ["before", "answered"] : ["before", "answer lost", "answered"];
    return moments.map((moment) => ({ call, nth, moment }));
  });
}

function isRead(call: string): boolean {
  return / (GET|GetService|GetIamPolicy|ListServices) |usergroups|users\.info|^edge/.test(call);
}

export function nameOf({ call, nth, moment }: Boundary): string {
  return `${call} #${nth}, ${moment}`;
}

/** Nothing is killed: what a person does and what is expected is the same. */
export const UNDISTURBED: Kill = {
  struck: () => false,
  restartedAfterMs: () => 0,
  killedAt: () => 0,
  found: () => null,
  back: async () => undefined,
  disarm: () => undefined,
};

/** Arms one kill; the bot is started again at once, as Cloud Run does. */
export function armKill(world: World, { call, nth, moment }: Boundary): Kill {
  let killedAt = 0;
  let restartedAfterMs = 0;
  let found: AtKill | null = null;
  let restart: Promise<void> | null = null;

  async function killAndRestart(): Promise<void> {
    const stopped = world.stopBot("SIGKILL");
    killedAt = Date.now();
    await stopped;
    found = await takeStock(world);
    await world.startBot();
    restartedAfterMs = Date.now() - killedAt;
  }
  const strike = () => {
    if (restart) return;
    restart = killAndRestart();
    // Whoever waits for it hears of it; a world that is being closed has nobody who does.
    restart.catch(() => undefined);
  };
  const rule: FaultRule = { ...ruleFor(call), nth, ...BENDS[moment] };
  // An answer that was sent a moment ago is being written down: the kill falls somewhere in there.
  const onHit = moment === "answered" ? () => void setTimeout(strike, Math.random() * ANSWERED_MS) : strike;
  const fault = world.sandbox.shared.faults.add({ ...rule, onHit });
  return {
    struck: () => restart !== null,
    killedAt: () => killedAt,
    found: () => found,
    restartedAfterMs: () => restartedAfterMs,
    back: async () => {
      const due = world.sandbox.shared.faults.list().some(({ id, hits }) => id === fault && hits > 0);
      if (due && !restart) await pause(ANSWERED_MS + 20);
      await restart;
    },
    disarm: () => world.sandbox.shared.faults.remove(fault),
  };
}

const ANSWERED_MS = 8;

const BENDS: Record<Moment, Pick<FaultRule, "when" | "effect">> = {
  before: { when: "before", effect: { kind: "hang" } },
  "answer lost": { when: "after", effect: { kind: "hang" } },
  answered: { when: "before", effect: { kind: "delay", ms: 0 } },
};

function ruleFor(call: string): Pick<FaultRule, "vendor" | "method" | "path"> {
  if (call === "edge visit") return { vendor: "edge" };
  const [vendor = "", method = "", path = ""] = call.split(" ");
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{id}", "[0-9a-f-]+");
  return { vendor: vendor as Vendor, method, path: `${escaped}$` };
}
