// People ask how the tunnels are: told from the store, whatever the vendors do, with a picture where Slack takes one.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { createTunnelHealth } from "../../src/store/tunnel-health.ts";
import { createWorld, TUNNEL, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const pictures = () =>
  world.asha.directMessages().flatMap((message) => message.blocks.filter((block) => block.type === "image"));

async function seen(): Promise<void> {
  const database = await openDatabase({ url: world.databaseUrl ?? "", dataDir: "" });
  const at = world.sandbox.shared.clock.now();
  const connector = { id: "c0ffee", version: "2026.8.3", protocol: "http2", configVersion: 1 } as const;
  const connectors = [{ ...connector, startedAt: at, colos: ["nrt08", "kix01"], ours: null }];
  const health = { tunnelId: TUNNEL, name: "cloud-run", state: "up", since: at, seenAt: at } as const;
  await createTunnelHealth(database.db).save([{ ...health, connectors }], at);
  await database.close();
}

test("status tells how each tunnel stands, and the picture comes as a direct message", async () => {
  await seen();
  const before = pictures().length;
  const answer = textOf(await world.asha.isAnswered("status"));
  expect(answer).toContain("The tunnel is up.");
  expect(answer).toContain("cloud-run");
  const shown = await world.until("the picture comes", () => pictures()[before]);
  const image = await fetch(String(shown.image_url));
  expect(
    Buffer.from(await image.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});

test("status answers while Cloudflare hangs", async () => {
  world.sandbox.shared.faults.add({ vendor: "cloudflare", times: 0, effect: { kind: "hang" } });
  const answer = textOf(await world.asha.isAnswered("status"));
  expect(answer).toContain("Tunnels");
  world.sandbox.shared.faults.clear();
});

test("without the scope for files there is no picture, and nobody is told of one", async () => {
  await world.stopBot();
  world.sandbox.slack.setScopes(world.sandbox.seed.slack.scopes.filter((scope) => scope !== "files:write"));
  await world.startBot();
  const before = pictures().length;
  const answer = textOf(await world.asha.isAnswered("status"));
  expect(answer).toContain("Available in 24 h:");
  expect(answer).not.toContain("picture");
  expect(pictures()).toHaveLength(before);
});

test("a picture that cannot be sent is told, and the status stands", async () => {
  world.sandbox.slack.setScopes(world.sandbox.seed.slack.scopes);
  await world.stopBot();
  await world.startBot();
  const fault = { vendor: "slack", path: "completeUpload", times: 0 } as const;
  world.sandbox.shared.faults.add({ ...fault, effect: { kind: "status", status: 500 } });
  await world.asha.runs("status");
  await world.until("she is told", () =>
    world.asha.ephemerals("C0GENERAL").some((text) => text.includes("files.completeUploadExternal")),
  );
  expect(
    world.asha.ephemerals("C0GENERAL").filter((text) => text.includes("tunnel is")).length,
  ).toBeGreaterThan(0);
  world.sandbox.shared.faults.clear();
});
