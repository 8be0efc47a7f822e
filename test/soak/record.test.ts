import { test } from "vitest";
import { ask, shapeOf, untilClosed, untilOpen } from "../exposing.ts";
import { wishesForMore } from "../extending.ts";
import { createLanes } from "../lanes.ts";
import { buttonsOf } from "../world.ts";
import { setTimeout as pause } from "node:timers/promises";

test("record", async () => {
  const { world, lanes } = await createLanes(1, { ownProcess: true, env: { PROOF_VISITS: "3" } });
  const { journal } = world.sandbox.shared;
  const [{ service, zone }] = lanes as any;
  const show = (phase: string) => {
    console.log(phase + "\n" + journal.entries().map((e) => `  ${shapeOf(e)} ${e.vendor==="slack"?JSON.stringify((e.body as any)?.channel??""):""}`).join("\n"));
    journal.clear();
  };
  await pause(1500); show("start");
  for (let r = 0; r < 2; r++) {
  const host = await ask(world, { service, hostname: `plain${r}.${zone}` });
  await pause(500); show("ask");
  await world.lee.presses("Approve", world.card(host));
  await untilOpen(world, host); await pause(700); show("open");
  await wishesForMore(world, host, 60); await pause(700); show("wish");
  await world.lee.presses("Approve", world.card(host));
  await world.until("ext", () => buttonsOf(world.card(host)).includes("Extend")); await pause(1500); show("extend");
  await world.lee.presses("Close", world.card(host));
  await untilClosed(world, host); await pause(700); show("close");
  }
  await world.close();
});
