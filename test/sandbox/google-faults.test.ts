// Faults injected into the Google emulator, as a client feels them.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import { type GoogleWorld, parent, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const name = `${parent}/services/billing-api`;
const secret = "projects/lakeside-prod/secrets/token";

function strike(rule: Omit<FaultRule, "vendor">): void {
  world.shared.faults.add({ vendor: "google", ...rule });
}

function ask(timeout = 5000) {
  return world.clients.services().getService({ name }, { timeout, retry: null });
}

test.each([
  [{ kind: "status", status: 7 }, 7, 7],
  [{ kind: "status", status: 8 }, 8, 8],
  [{ kind: "status", status: 14 }, 14, 14],
  [{ kind: "malformed" }, 13, 13],
  [{ kind: "drop" }, 14, 0],
  [{ kind: "reset-body" }, 14, 0],
] as const)("%o is felt as code %i", async (effect, code, journalled) => {
  strike({ method: "GetService", effect });
  await expect(ask()).rejects.toMatchObject({ code });
  expect(world.shared.journal.entries()).toMatchObject([
    { method: "GetService", status: journalled, fault: expect.stringContaining(effect.kind) },
  ]);
  expect((await ask())[0].name).toBe(name);
});

test("a hung call ends at the caller's own deadline", async () => {
  strike({ effect: { kind: "hang" }, times: 0 });
  await expect(ask(100)).rejects.toMatchObject({ code: 4 });
  world.shared.faults.clear();
  expect((await ask())[0].name).toBe(name);
});

test("a delayed call is answered all the same", async () => {
  strike({ effect: { kind: "delay", ms: 5 } });
  expect((await ask())[0].name).toBe(name);
});

test("a fault before has no effect, a fault after has had it", async () => {
  const client = world.clients.secrets();
  const add = (value: string) =>
    client.addSecretVersion({ parent: secret, payload: { data: Buffer.from(value) } }, { retry: null });
  strike({ method: "AddSecretVersion", effect: { kind: "status", status: 14 }, when: "before" });
  await expect(add("lost")).rejects.toMatchObject({ code: 14 });
  strike({ method: "AddSecretVersion", effect: { kind: "drop" }, when: "after" });
  await expect(add("kept")).rejects.toMatchObject({ code: 14 });
  const [versions] = await client.listSecretVersions({ parent: secret });
  expect(versions).toHaveLength(3);
});

test("only the n-th matching request is hit", async () => {
  strike({ path: "billing-api$", nth: 2, effect: { kind: "status", status: 14 } });
  await ask();
  await expect(ask()).rejects.toMatchObject({ code: 14 });
  await ask();
  expect(world.shared.journal.entries().map(({ status }) => status)).toEqual([0, 14, 0]);
});

test("a refusal can say when to come back", async () => {
  strike({ effect: { kind: "status", status: 8, retryAfterSeconds: 7, body: "Quota exceeded" } });
  await expect(ask()).rejects.toMatchObject({
    details: "Quota exceeded",
    statusDetails: [{ retryDelay: { seconds: expect.anything() } }],
  });
});
