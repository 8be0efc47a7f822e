// kill -9 in the middle of a sweep, and while an incident is told: the next process changes nothing that was right, and
// the incident is one message.
import { afterEach, expect, test } from "vitest";
import { ALL_STANDING, expose, shapeOf, standing } from "../exposing.ts";
import { armKill, type Moment } from "../kills.ts";
import { createTunnelWorld, incidents, untilIncident } from "../tunnels.ts";
import { TUNNEL, textOf, type World } from "../world.ts";

let world: World;
afterEach(() => world.close());

function told(words: string): number {
  return world.asha.directMessages().filter((each) => textOf(each).includes(words)).length;
}

test("killed in the middle of a sweep: what stands is left alone", async () => {
  world = await createTunnelWorld({}, { ownProcess: true });
  const { journal, clock } = world.sandbox.shared;
  const host = await expose(world, { service: "billing-api" });
  for (const call of ["access/apps", "cfd_tunnel/{id}/configurations"]) {
    journal.clear();
    const kill = armKill(world, { call: `cloudflare GET /accounts/{id}/${call}`, nth: 1, moment: "before" });
    clock.forward(61_000);
    await world.until("it is killed in the sweep", kill.struck);
    await kill.back();
    const swept = () => journal.entries().filter((each) => each.path.endsWith("/access/apps")).length >= 2;
    await world.until("the next process has swept", swept);
    const shapes = journal.entries().map(shapeOf);
    // A start makes sure that the tag of our applications is there.
    const writes = shapes.filter(
      (each) => /^cloudflare (?!GET )/.test(each) && !each.endsWith("/access/tags"),
    );
    expect(writes).toEqual([]);
    expect(standing(world, host)).toEqual(ALL_STANDING);
  }
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
});

test.each<{ call: string; moment: Moment; messages: number }>([
  { call: "slack POST /api/chat.postMessage", moment: "before", messages: 1 },
  // Slack has no way to post once only: what it took in the moment of the kill is posted again.
  { call: "slack POST /api/chat.postMessage", moment: "answer lost", messages: 2 },
  { call: "slack POST /api/chat.update", moment: "answer lost", messages: 1 },
])("killed while an incident is told ($call, $moment)", async ({ call, moment, messages }) => {
  world = await createTunnelWorld({}, { ownProcess: true });
  const { cloudflare } = world.sandbox;
  await expose(world, { service: "billing-api" });
  const kill = armKill(world, { call, nth: 1, moment });
  cloudflare.setConnectors(TUNNEL, 0);
  await untilIncident(world, "Tunnel cloud-run is down");
  await world.until("Asha is told", () => told("out of reach") >= 1);
  cloudflare.setConnectors(TUNNEL, 2);
  await world.until("it is killed", kill.struck);
  await kill.back();
  await untilIncident(world, "Over: tunnel cloud-run was down");
  await world.until("Asha is told that it is back", () => told("behind a tunnel that is up again") >= 1);
  const doubled = incidents(world).length - 1 + told("out of reach") - 1;
  expect(incidents(world).length).toBeGreaterThan(0);
  expect(doubled).toBeLessThanOrEqual(messages - 1);
});
