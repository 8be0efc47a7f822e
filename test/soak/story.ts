// One exposure's whole story in five phases: what a person does in each, and when it has come to rest.
import { expect } from "vitest";
import type { Delivery } from "../../sandbox/contract.ts";
import { isOpen, untilClosed, untilOpen } from "../exposing.ts";
import { endOf } from "../extending.ts";
import type { Lane } from "../lanes.ts";
import type { Person } from "../people.ts";
import { buttonsOf, type World } from "../world.ts";
import type { PhaseName } from "./boundaries.ts";
import { changesAt, EXTENDED, expectClosed, expectOpen, OPENED, type Repeats, toldOf } from "./outcome.ts";

export type Member = {
  lane: Lane;
  host: string;
  by: Person;
  /** When the card said that it ends, before it was extended. */
  end: number;
  repeats: Repeats;
};

/** A job of a process that was killed is taken up when its heartbeat is missed. */
const SECONDS = 60;

export function memberOn(world: World, lanes: Lane[], index: number, name: string): Member {
  const lane = lanes[index]!;
  const by = [world.asha, world.mina, world.tom][index % 3]!;
  return { lane, host: `${name}.${lane.zone}`, by, end: 0, repeats: { cards: 0, messages: 0 } };
}

/** What somebody does; the answer says how Slack delivered it. A form was taken when it has no errors. */
export async function act(world: World, member: Member, phase: PhaseName): Promise<Delivery | null> {
  const { host, lane, by } = member;
  const card = world.card(host);
  if (phase === "asked") {
    expect(await by.asks({ service: lane.service, hostname: host }), host).toBeNull();
    return null;
  }
  if (phase === "wished") {
    member.end = endOf(world, host);
    await by.presses("Extend", card);
    expect(await by.submits({ "form.duration": "60", "form.reason": "Longer" }), host).toBeNull();
    return null;
  }
  return await world.lee.presses(phase === "closed" ? "Close" : "Approve", card);
}

const TOLD: Record<PhaseName, string[]> = {
  asked: [],
  opened: ["approved", "open"],
  wished: ["more time asked for"],
  extended: ["extended"],
  closed: ["closed"],
};

/** Until nothing is left to be done, and everybody was told. */
export async function settled(world: World, member: Member, phase: PhaseName): Promise<void> {
  const { host, by, end } = member;
  const has = (button: string) => buttonsOf(world.card(host)).includes(button);
  const rest: Record<PhaseName, () => Promise<unknown>> = {
    asked: () => world.until(`${host} waits for approval`, () => has("Approve"), SECONDS),
    opened: () => untilOpen(world, host, SECONDS),
    wished: () => world.until(`${host} waits for more time`, () => has("Approve"), SECONDS),
    extended: () =>
      world.until(
        `${host} is extended`,
        () =>
          isOpen(world, host) &&
          endOf(world, host) === end + 3600 &&
          changesAt(world, host).includes("dns record changed"),
        SECONDS,
      ),
    closed: () => untilClosed(world, host, SECONDS),
  };
  await rest[phase]();
  const all = () => TOLD[phase].every((kind) => toldOf(world, host, by).includes(kind));
  await world.until(`all is told of ${host} ${phase}`, all, SECONDS);
}

/** At the vendors, for a stranger and for an employee. */
export async function expectRight(world: World, { host }: Member, phase: PhaseName): Promise<void> {
  if (phase === "asked") expect(changesAt(world, host), host).toEqual([]);
  else if (phase === "closed") await expectClosed(world, host);
  else await expectOpen(world, host, phase === "extended" ? EXTENDED : OPENED);
}
