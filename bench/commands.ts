// Figure: commands a second, sent whether or not earlier ones were answered, without a lost ack. Emulator and people share
// this process, the bot has its own; the CPU of both says which of them would give out first.
import { setTimeout as pause } from "node:timers/promises";
import type { Delivery } from "../sandbox/contract.ts";
import { type Figure, spread } from "./figure.ts";
import { cpuMs, mostMemory } from "./machine.ts";
import { onStage, type Stage } from "./stage.ts";

const PEOPLE = ["U0ASHA", "U0LEE", "U0MINA", "U0TOM"];
const TEXT = "list";
const BEAT_MS = 10;

export function commands(perSecond: number, seconds: number): Figure {
  return {
    name: "commands",
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        await stage.startBot();
        await send(stage, perSecond / 5, 2);
        const pids = [stage.bot().pid ?? 0, process.pid];
        const before = await Promise.all(pids.map(cpuMs));
        const began = performance.now();
        const deliveries = await send(stage, perSecond, seconds);
        const took = performance.now() - began;
        const cpu = (await Promise.all(pids.map(cpuMs))).map(
          (ms, index) => (100 * (ms - (before[index] ?? 0))) / took,
        );
        const acked = deliveries.filter(({ outcome }) => outcome === "acked");
        const held = (acked.length * 1000) / took;
        return [
          // A little is lost to waiting for the last answers.
          {
            what: `/expose ${TEXT} a second, for ${seconds} s`,
            value: held,
            unit: "commands",
            aim: { least: perSecond * 0.98 },
          },
          { what: "… acks lost", value: deliveries.length - acked.length, unit: "", aim: { most: 0 } },
          ...spread(
            "… ack",
            acked.map(({ ms }) => ms),
          ),
          { what: "… CPU of the bot", value: cpu[0] ?? Number.NaN, unit: "% of a core", aim: null },
          {
            what: "… CPU of emulator and people",
            value: cpu[1] ?? Number.NaN,
            unit: "% of a core",
            aim: null,
          },
          await mostMemory(stage),
        ];
      }),
  };
}

async function send({ sandbox }: Stage, perSecond: number, seconds: number): Promise<Delivery[]> {
  const sent: Promise<Delivery>[] = [];
  const began = performance.now();
  for (;;) {
    const elapsed = performance.now() - began;
    if (elapsed >= seconds * 1000) return await Promise.all(sent);
    const due = Math.floor((elapsed * perSecond) / 1000);
    while (sent.length < due) {
      const person = PEOPLE[sent.length % PEOPLE.length] ?? "";
      sent.push(sandbox.slack.command(person, "C0GENERAL", "/expose", TEXT));
    }
    await pause(BEAT_MS);
  }
}
