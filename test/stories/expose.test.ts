// The main story: asked, approved, opened behind its gate, visited, ended.
import { afterAll, beforeAll, expect, test } from "vitest";
import { buttonsOf, createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("a service is exposed for an hour, and closed when the hour is over", async () => {
  const { asha, lee, sandbox } = world;
  const host = "billing-api.lakeside.example";

  expect(await asha.asks({ service: "billing-api", duration: 60 })).toBeNull();
  const card = await world.until("the card is posted", () => world.card(host));
  expect(buttonsOf(card)).toEqual(["Approve", "Approve Shorter", "Deny", "Withdraw"]);
  expect(textOf(card)).toContain("billing-api");

  await lee.presses("Approve", card);
  await world.until("the card says open", () => buttonsOf(world.card(host)).includes("Extend"));
  expect((await sandbox.cloudflare.visit(host)).verdict).toBe("stopped by Access");
  expect((await sandbox.cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );

  sandbox.shared.clock.forward(61 * 60_000);
  await world.until("the card says closed", () => world.cardText(host).includes("Closed"));
  expect((await sandbox.cloudflare.visit(host)).verdict).not.toBe("reached the service");

  const changes = sandbox.cloudflare.history(host).map((each) => each.what);
  const order = [
    "access application created",
    "dns record created",
    "stranger stopped by Access",
    "route added",
    "employee reached the service",
    "route removed",
    "dns record removed",
    "tokens revoked",
    "access application removed",
  ];
  expect(changes.filter((what, index) => order.includes(what) && changes.indexOf(what) === index)).toEqual(
    order,
  );
  expect(sandbox.cloudflare.firstHole(host)).toBeNull();
});
