// Faults, rate limits and the journal: what the bot meets on a bad day, and what can be read afterwards.
import { webApi } from "@slack/bolt";
import { expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import { createRateLimits } from "../../sandbox/slack/rate-limits.ts";
import { clientOf, refusalOf, SEED, startBench } from "./slack-bench.ts";

async function struckBy(rule: Omit<FaultRule, "vendor">) {
  const bench = await startBench();
  bench.faults.add({ vendor: "slack", path: "chat.postMessage", ...rule });
  const client = clientOf(bench.slack.apiUrl, SEED.botToken, { rejectRateLimitedCalls: true, timeout: 400 });
  const post = () => client.chat.postMessage({ channel: "C0OPS", text: "x" });
  const posted = () => bench.slack.messages("C0OPS").length;
  return { ...bench, post, posted };
}

test("a 500 before or after the effect", async () => {
  const before = await struckBy({ effect: { kind: "status", status: 500 } });
  await expect(before.post()).rejects.toThrow(webApi.WebAPIHTTPError);
  expect(before.posted()).toBe(0);
  const after = await struckBy({ when: "after", effect: { kind: "status", status: 500 } });
  await expect(after.post()).rejects.toThrow(webApi.WebAPIHTTPError);
  expect(after.posted()).toBe(1);
  expect(await after.post()).toMatchObject({ ok: true });
});

test("a 429 carries Retry-After", async () => {
  const { post } = await struckBy({ effect: { kind: "status", status: 429, retryAfterSeconds: 7 } });
  const fault = await post().catch((reason: unknown) => reason);
  expect(fault).toBeInstanceOf(webApi.WebAPIRateLimitedError);
  expect(fault).toMatchObject({ retryAfter: 7 });
});

test("a refusal of Slack's can be injected as such", async () => {
  const body = { ok: false, error: "plan_upgrade_required" };
  const { post } = await struckBy({ effect: { kind: "status", status: 200, body } });
  expect(await refusalOf(post())).toMatchObject(body);
});

const CUTS = [{ kind: "drop" }, { kind: "reset-body" }, { kind: "hang" }] as const;

test.each(CUTS)("no whole answer: %o, on the second call only", async (effect) => {
  const { post, posted, journal } = await struckBy({ nth: 2, when: "after", effect });
  await post();
  const fault = await post().catch((reason: unknown) => reason);
  // A body that breaks off escapes the SDK as fetch's own TypeError, in none of its error classes.
  expect(fault).toBeInstanceOf(effect.kind === "reset-body" ? TypeError : webApi.WebAPIRequestError);
  expect(posted()).toBe(2);
  expect(journal.entries().map(({ status, fault }) => [status, fault])).toEqual([
    [200, undefined],
    [0, effect.kind],
  ]);
  expect(await post()).toMatchObject({ ok: true });
});

test("an answer that is no JSON, and one that takes its time", async () => {
  const malformed = await struckBy({ effect: { kind: "malformed" } });
  expect(await refusalOf(malformed.post())).toMatchObject({ error: expect.stringContaining("<html>") });
  expect(malformed.posted()).toBe(0);
  const late = await struckBy({ effect: { kind: "delay", ms: 50 } });
  expect(await late.post()).toMatchObject({ ok: true });
  expect(late.journal.entries()[0]).toMatchObject({ status: 200, fault: "delay" });
});

test("the journal shows arguments parsed, and no token", async () => {
  const { slack, client, journal } = await startBench();
  const blocks = [{ type: "divider" as const }];
  await client.chat.postMessage({ channel: "C0OPS", text: "card", blocks });
  await fetch(`${slack.apiUrl}users.info?user=U0LEE&token=${SEED.botToken}`);
  await fetch(`${slack.apiUrl}auth.test`, {
    method: "POST",
    body: new URLSearchParams({ token: SEED.botToken }),
  });
  const json = { "content-type": "application/json", authorization: `Bearer ${SEED.botToken}` };
  await fetch(`${slack.apiUrl}chat.update`, {
    method: "POST",
    headers: json,
    body: '{"channel":"C0OPS","ts":"1.0"}',
  });
  expect(journal.entries()).toMatchObject([
    {
      vendor: "slack",
      method: "POST",
      path: "/api/chat.postMessage",
      status: 200,
      body: { channel: "C0OPS", text: "card", blocks },
    },
    { method: "GET", path: "/api/users.info", query: { user: "U0LEE" }, status: 200 },
    { path: "/api/auth.test", body: {}, status: 200 },
    { path: "/api/chat.update", body: { channel: "C0OPS", ts: "1.0" } },
  ]);
  expect(JSON.stringify(journal.entries())).not.toContain(SEED.botToken);
});

test("rate limits, when enforced, answer 429 and go by method", async () => {
  const { slack } = await startBench({ rateLimits: true });
  const client = clientOf(slack.apiUrl, SEED.botToken, { rejectRateLimitedCalls: true });
  const list = () => client.usergroups.list();
  for (let call = 0; call < 20; call += 1) await list();
  const fault = await list().catch((reason: unknown) => reason);
  expect(fault).toBeInstanceOf(webApi.WebAPIRateLimitedError);
  expect((fault as webApi.WebAPIRateLimitedError).retryAfter).toBeGreaterThan(0);
  expect(await client.users.info({ user: "U0LEE" })).toMatchObject({ ok: true });
});

test("the windows slide, and a channel takes a burst, then one message a second", () => {
  let now = 0;
  const limits = createRateLimits(() => now);
  const wait = () => limits.take("views.open", "T4");
  for (let call = 0; call < 100; call += 1) expect(wait()).toBe(0);
  now += 1_000;
  expect(wait()).toBe(59_000);
  now += 59_000;
  expect(wait()).toBe(0);
  const post = (channel: string) => limits.take("chat.postMessage", "special", channel);
  for (let call = 0; call < 30; call += 1) expect(post("C0OPS")).toBe(0);
  expect(post("C0OPS")).toBe(1_000);
  expect(post("C0QUIET")).toBe(0);
  now += 1_000;
  expect(post("C0OPS")).toBe(0);
  expect(post("C0OPS")).toBe(1_000);
});
