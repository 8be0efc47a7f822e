// People ask how the tunnels are: told from the store, whatever the vendors do, with a picture where Slack takes one.
import { afterAll, beforeAll, expect, test } from "vitest";
import { trailOf } from "../trail.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { LOOK_SECONDS: "0.5" } });
});
afterAll(() => world.close());

const pictures = () =>
  world.asha.directMessages().flatMap((message) => message.blocks.filter((block) => block.type === "image"));

/** Asks again until the bot has looked at the tunnel. */
async function statusOnceUp(): Promise<string> {
  return await world.until("the tunnel is seen up", async () => {
    const answer = textOf(await world.asha.isAnswered("status"));
    return answer.includes("The tunnel is up.") ? answer : null;
  });
}

test("status tells how each tunnel stands, and the picture comes as a direct message", async () => {
  const answer = await statusOnceUp();
  expect(answer).toMatch(/cloud-run.*2 connectors.*version 2026/s);
  const shown = await world.until("the picture comes", () => pictures().at(-1));
  const image = await fetch(String(shown.image_url));
  expect(
    Buffer.from(await image.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});

test("how the tunnels are and what is open is for members: a guest is answered so, and sees their own requests only", async () => {
  const guest = world.person("U0GUEST");
  for (const words of ["status", "list all"])
    expect((await guest.isAnswered(words)).text).toMatch(/^Guests cannot use Drawbridge\./);
  const refused = (await trailOf(world)).filter(({ actor }) => actor === guest.id);
  expect(refused.map(({ action, outcome, details }) => [action, outcome, details.why])).toEqual([
    ["status", "not-a-member", "guest"],
    ["list all", "not-a-member", "guest"],
  ]);
  expect(textOf(await guest.isAnswered("list"))).not.toContain("Guests");
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
