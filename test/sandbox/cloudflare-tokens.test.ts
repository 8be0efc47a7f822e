// Application tokens: how long they live, what ends them, and what the access log says of log-ins.
import { expect, test } from "vitest";
import { ACCOUNT, HOST, openRoad, overHttp, ruleTo, whats } from "./cloudflare-bench.ts";

const account_id = ACCOUNT;
const ASHA = "asha@example.com";
const EVERYONE = [{ everyone: {} }];
const allow = (include: object[], more: object = {}) => ({
  name: "people",
  decision: "allow",
  include,
  ...more,
});

function cookieOf(visit: { headers: Record<string, string> }): string {
  return visit.headers["set-cookie"]?.split(";")[0] ?? "";
}

test("live on when the policy changes, and die when they are revoked", async () => {
  const { client, emulator, protect, road } = await openRoad();
  const { id } = await protect({});
  await road();
  const cookie = cookieOf(await emulator.visit(HOST, { email: ASHA }));
  emulator.editApplication(id, { policies: [allow([{ email: { email: "lee@example.com" } }])] });
  expect((await emulator.visit(HOST, { cookie })).verdict).toBe("reached the service");
  expect((await emulator.visit(HOST, { email: ASHA })).verdict).toBe("refused by Access");
  await client.zeroTrust.access.applications.revokeTokens(id, { account_id });
  expect((await emulator.visit(HOST, { cookie })).verdict).toBe("stopped by Access");
  const later = cookieOf(await emulator.visit(HOST, { email: "lee@example.com" }));
  expect((await emulator.visit(HOST, { cookie: later })).verdict).toBe("reached the service");
  expect(whats(emulator.history(HOST))).toContain("tokens revoked");
});

test("die with the session, by the sandbox's clock, and the policy's duration counts before the application's", async () => {
  const { emulator, shared, protect, road } = await openRoad();
  await protect({ session_duration: "2h", policies: [allow(EVERYONE, { session_duration: "1h30m" })] });
  await road();
  const cookie = cookieOf(await emulator.visit(HOST, { email: ASHA }));
  shared.clock.forward(89 * 60_000);
  expect((await emulator.visit(HOST, { cookie })).verdict).toBe("reached the service");
  shared.clock.forward(2 * 60_000);
  expect((await emulator.visit(HOST, { cookie })).verdict).toBe("stopped by Access");
});

test("hold for one application only, and a forged one for none", async () => {
  const { emulator, protect, point, route } = await openRoad();
  await protect({});
  await protect({}, "other.example.com");
  await point("other");
  await route(ruleTo(HOST), ruleTo("other.example.com"));
  const cookie = cookieOf(await emulator.visit(HOST, { email: ASHA }));
  expect((await emulator.visit("other.example.com", { cookie })).verdict).toBe("stopped by Access");
  const [head, , signature] = cookie.split(".");
  const forged = Buffer.from(JSON.stringify({ aud: [], type: "app" })).toString("base64url");
  expect((await emulator.visit(HOST, { cookie: `${head}.${forged}.${signature}` })).verdict).toBe(
    "stopped by Access",
  );
});

test("a header of the visitor's own is no token", async () => {
  const { emulator, protect, road, route } = await openRoad();
  const { aud, id } = await protect({});
  await road();
  const token = cookieOf(await emulator.visit(HOST, { email: ASHA })).replace("CF_Authorization=", "");
  await route(ruleTo(HOST, aud));
  emulator.deleteApplication(id);
  const headers = { "cf-access-jwt-assertion": token, cookie: `CF_Authorization=${token}` };
  expect((await overHttp(emulator.edgeUrl, HOST, "/", { headers })).status).toBe(403);
});

test("the access log names who logged in and who was refused", async () => {
  const { client, emulator, protect, road, shared } = await openRoad();
  const { id } = await protect({});
  await road();
  await emulator.visit(HOST, { email: ASHA });
  shared.clock.forward(60_000);
  await emulator.visit(HOST, { email: "eve@elsewhere.example" });
  const log = async (query: object) =>
    (await client.zeroTrust.access.logs.accessRequests.list({ account_id, ...query })).map(
      (each) => each.user_email,
    );
  expect(await log({})).toEqual(["eve@elsewhere.example", ASHA]);
  expect(await log({ direction: "asc", limit: 1 })).toEqual([ASHA]);
  expect(await log({ email: "@example.com" })).toEqual([ASHA]);
  expect(await log({ email: "@example.com", email_exact: true })).toEqual([]);
  expect(await log({ since: new Date(shared.clock.now().getTime() - 30_000).toISOString() })).toEqual([
    "eve@elsewhere.example",
  ]);
  const [last] = await client.zeroTrust.access.logs.accessRequests.list({ account_id });
  expect(last).toMatchObject({
    app_uid: id,
    app_domain: HOST,
    allowed: false,
    action: "login",
    connection: "onetimepin",
  });
});

test("the access log gives as many lines as are asked for, 25 where nobody says", async () => {
  const { client, emulator, protect, road } = await openRoad();
  await protect({});
  await road();
  for (let count = 0; count < 30; count++) await emulator.visit(HOST, { email: ASHA });
  const lines = async (query: object) =>
    (await client.zeroTrust.access.logs.accessRequests.list({ account_id, ...query })).length;
  expect(await lines({})).toBe(25);
  expect(await lines({ limit: 28 })).toBe(28);
  expect(await lines({ limit: 1000 })).toBe(30);
});

test("a session of no duration lets one visit through", async () => {
  const { emulator, shared, protect, road } = await openRoad();
  await protect({ session_duration: "no_duration" });
  await road();
  const visit = await emulator.visit(HOST, { email: ASHA });
  expect(visit.verdict).toBe("reached the service");
  shared.clock.forward(2000);
  expect((await emulator.visit(HOST, { cookie: cookieOf(visit) })).verdict).toBe("stopped by Access");
});
