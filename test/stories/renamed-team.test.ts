// The Access team gets another name in Cloudflare's dashboard while the bot runs: log-ins are that team's from then on, and the
// second lock of a route that names the old one lets nobody in.
import { afterAll, beforeAll, expect, test } from "vitest";
import { expose, routesOf, untilOpen } from "../exposing.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { SWEEP_SECONDS: "1", PROOF_VISITS: "1" } });
});
afterAll(() => world.close());

function teamOf(host: string): unknown {
  const { config } = world.sandbox.cloudflare.tunnelConfig(TUNNEL);
  const route = routesOf(config).find(({ hostname }) => hostname === host);
  return (route?.originRequest as { access?: { teamName: string } } | undefined)?.access?.teamName;
}

test("what is open is routed anew for the team's new name, and what is approved then opens", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "grafana", duration: 1440 });
  cloudflare.renameTeam("harbourside");
  await world.until("the route names the new team", () => teamOf(host) === "harbourside", 30);
  await untilOpen(world, host);
  expect((await cloudflare.visit(host, { email: "asha@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  expect(cloudflare.firstHole(host)).toBeNull();

  const next = await expose(world, { service: "reports", duration: 1440 });
  expect(teamOf(next)).toBe("harbourside");
});
