// Configuration values that live in Secret Manager.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSecretManager, parseSecretReference } from "../../src/services/secret-manager.ts";
import { asked, type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const secret = "projects/lakeside-prod/secrets/token";

function access(name: string, timeoutMs = 5000): Promise<string> {
  return createSecretManager({ clients: world.clients, timeoutMs, pausesMs: [0, 0] }).accessSecret(name);
}

test("reads the newest version, or the one that is named", async () => {
  expect([await access(secret), await access(`${secret}/versions/1`)]).toEqual(["second", "first"]);
});

test("a newline at the end, as echo leaves it, is no part of the secret", async () => {
  world.google.setSecret(secret, ["xoxb-token\n"]);
  expect(await access(secret)).toBe("xoxb-token");
});

test("an empty secret is refused", async () => {
  world.google.setSecret(secret, ["\n"]);
  expect(await failureOf(access(secret))).toMatchObject({
    kind: "missing",
    message: expect.stringContaining("empty"),
  });
});

test("what passes by itself is tried again, within bounds", async () => {
  world.shared.faults.add({ vendor: "google", times: 2, effect: { kind: "drop" } });
  expect(await access(secret)).toBe("second");
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "drop" } });
  world.shared.journal.clear();
  expect(await failureOf(access(secret))).toMatchObject({ kind: "retry", code: 14 });
  expect(asked(world.shared)).toHaveLength(3);
});

test("a hung call ends at its deadline", async () => {
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "hang" } });
  expect(await failureOf(access(secret, 50))).toMatchObject({ kind: "retry", code: 4 });
});

test("a denied secret says which right is missing, and is not asked for again", async () => {
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "status", status: 7 } });
  const failure = await failureOf(access(secret));
  expect(failure).toMatchObject({ kind: "denied", operation: "secretmanager.AccessSecretVersion" });
  expect(failure.message).toContain("roles/secretmanager.secretAccessor");
  expect(failure.message).toContain(secret);
  expect(asked(world.shared)).toHaveLength(1);
});

test("a missing secret and a disabled version are told apart", async () => {
  expect(await failureOf(access("projects/lakeside-prod/secrets/none"))).toMatchObject({ kind: "missing" });
  await world.clients.secrets().disableSecretVersion({ name: `${secret}/versions/2` });
  const failure = await failureOf(access(secret));
  expect(failure).toMatchObject({ kind: "conflict", message: expect.stringContaining("disabled") });
});

test.each([
  ["xoxb-plain", null],
  ["sm://token", { name: "projects/mine/secrets/token" }],
  ["sm://token/3", { name: "projects/mine/secrets/token/versions/3" }],
  ["sm://token/latest", { name: "projects/mine/secrets/token/versions/latest" }],
  ["sm://projects/other/secrets/token", { name: "projects/other/secrets/token" }],
  ["sm://projects/123456/secrets/token/versions/3", { name: "projects/123456/secrets/token/versions/3" }],
  ["sm://", { problem: expect.stringContaining("neither") }],
  ["sm://token/3/4", { problem: expect.stringContaining("neither") }],
  ["sm://token/0", { problem: expect.stringContaining("neither") }],
  ["sm://projects/other/token", { problem: expect.stringContaining("neither") }],
  ["sm://projects/other/secrets/../../x", { problem: expect.stringContaining("neither") }],
])("%s is read as %o", (value, expected) => {
  expect(parseSecretReference(value, "mine")).toEqual(expected);
});

test("the short form needs a default project", () => {
  expect(parseSecretReference("sm://token", undefined)).toEqual({
    problem: expect.stringContaining("no default project"),
  });
});
