// Several exposures brought to a standstill, each in the middle of a call of its own, and the bot killed under all of
// them at once.
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Delivery } from "../../sandbox/contract.ts";
import type { Lane } from "../lanes.ts";
import type { World } from "../world.ts";
import { type Boundary, hangAt } from "./boundaries.ts";

export type Doomed = { lane: Lane; host: string; boundary: Boundary };

/** `act` is what a person does that leads to the call. It is acked, and so has to be kept. */
export async function killUnder<D extends Doomed>(
  world: World,
  crew: D[],
  act: (doomed: D) => Promise<Delivery | null>,
): Promise<void> {
  const { faults } = world.sandbox.shared;
  for (const doomed of inOrder(crew)) {
    const { lane, host, boundary } = doomed;
    const id = faults.add(hangAt(boundary, lane, host));
    expect((await act(doomed))?.outcome ?? "acked", host).toBe("acked");
    const hits = () => faults.list().find((each) => each.id === id)?.hits;
    await world.until(`${host} hangs at ${JSON.stringify(boundary)}`, hits);
    await quiet(world);
  }
  await world.stopBot("SIGKILL");
  faults.clear();
  await world.startBot();
}

/** Those who hang for the shortest time before they give up come last: messages, then the tunnel, then visits. */
function inOrder<D extends Doomed>(crew: D[]): D[] {
  const place = ({ boundary }: D) =>
    boundary.worker === "announce" ? 0 : boundary.call === "edge visit" ? 2 : 1;
  return [...crew].sort((left, right) => place(left) - place(right));
}

/** Whatever is not held up has done all that it can: the next one's calls are then its own. */
export async function quiet({ sandbox }: World): Promise<void> {
  const { journal } = sandbox.shared;
  for (let last = -1; last !== journal.entries().length; await pause(150)) last = journal.entries().length;
}
