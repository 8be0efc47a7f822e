// kill -9 in the middle of an opening, with the bot as a process of its own: restarted, it goes on and ends right.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALL_STANDING, askAndApprove, standing, untilOpen } from "../exposing.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ ownProcess: true });
});
afterAll(() => world.close());

test.each([
  {
    service: "billing-api",
    method: "POST",
    path: "/access/apps$",
    what: "the application is made, its answer on the way",
  },
  {
    service: "grafana",
    method: "PUT",
    path: `/cfd_tunnel/${TUNNEL}/configurations$`,
    what: "the route is written",
  },
])("killed when $what", async ({ service, method, path }) => {
  const { cloudflare, shared } = world.sandbox;
  const host = `${service}.lakeside.example`;
  shared.faults.add({ vendor: "cloudflare", method, path, when: "after", effect: { kind: "hang" } });
  await askAndApprove(world, { service });
  await world.until("the call is under way", () => shared.faults.list().some((fault) => fault.hits > 0));
  await world.stopBot("SIGKILL");
  shared.faults.clear();

  await world.startBot();
  await untilOpen(world, host, 60);
  expect(standing(world, host)).toEqual(ALL_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
});
