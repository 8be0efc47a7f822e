// A write of a tunnel's configuration that is carried out only after its exposure was closed: the route meets a gate, and both go.
import { expect } from "vitest";
import { isClosed, NOTHING_STANDING, standing, untilClosed } from "./exposing.ts";
import { TUNNEL, type World } from "./world.ts";

/** `late` is the document that was sent; Close has been pressed. */
export async function expectLateRouteGated(
  world: World,
  host: string,
  late: Record<string, unknown>,
): Promise<void> {
  const { cloudflare, shared } = world.sandbox;
  const isAway = () => isClosed(world, host) || standing(world, host).records === 0;
  await world.until("all but the application is away", isAway);
  await world.until("the card says why", () => world.cardText(host).includes("may still arrive"));
  expect(standing(world, host)).toEqual({ ...NOTHING_STANDING, applications: 1 });

  cloudflare.putConfig(TUNNEL, late);
  expect(standing(world, host).routes).toBe(1);
  expect((await cloudflare.visit(host)).verdict).not.toBe("reached the service");
  shared.faults.clear();
  shared.clock.forward(31_000);
  await untilClosed(world, host);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
  const happened = cloudflare.history(host).map(({ what }) => what);
  expect(happened.indexOf("route removed")).toBeGreaterThan(happened.indexOf("route added"));
  expect(happened.indexOf("access application removed")).toBeGreaterThan(happened.indexOf("route removed"));
}
