// Access and DNS take effect half a minute late: what the gate needs is waited for, nothing is routed before, and it opens in
// the end; a closing that is seen as late ends as well.
import { afterEach, expect, test } from "vitest";
import { ask, isOpen, NOTHING_STANDING, standing, untilClosed, untilOpen } from "../exposing.ts";
import { createWorld, type World } from "../world.ts";

const LATE_MS = 30_000;

let world: World | null = null;
afterEach(() => world?.close());

test("propagation 30 s late: visits wait for it, the route comes after it, and the card says so meanwhile", async () => {
  world = await createWorld();
  const here = world;
  const { cloudflare, shared } = here.sandbox;
  cloudflare.setPropagation(LATE_MS);
  const host = await ask(here, { service: "grafana" });
  const seen: string[] = [];
  const stop = cloudflare.onChange((change) => {
    if (change.hostname === host) seen.push(change.kind);
  });
  await here.lee.presses("Approve", here.card(host));
  await here.until("the card says what it waits for", () =>
    here.cardText(host).includes("Nothing is routed."),
  );
  expect([isOpen(here, host), standing(here, host).routes]).toEqual([false, 0]);
  await untilOpen(here, host, 90);

  const effect = seen.lastIndexOf("propagated", seen.indexOf("stranger stopped by Access"));
  expect(effect).toBeGreaterThan(seen.indexOf("dns record created"));
  expect(seen.indexOf("route added")).toBeGreaterThan(effect);
  expect(
    seen.slice(0, seen.indexOf("route added")).filter((each) => /stopped by Access/.test(each)),
  ).toHaveLength(3);
  // No storm: the pauses between visits grow.
  expect(shared.journal.entries().filter(({ vendor }) => vendor === "edge").length).toBeLessThan(40);

  await here.lee.presses("Close", here.card(host));
  await untilClosed(here, host, 120);
  stop();
  expect(standing(here, host)).toEqual(NOTHING_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
});
