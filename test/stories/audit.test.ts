// The audit can answer who did what, when, with what outcome and why, for everything that people and the bot did.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../src/store/audit.ts";
import { ask, untilClosed, untilOpen } from "../exposing.ts";
import { toldOf, wishesForMore } from "../extending.ts";
import { commandFile } from "../made-once.ts";
import { actsOf, trailOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

const NODE = new URL("../../node_modules/.bin/node", import.meta.url).pathname;
const HOST = "billing-api.lakeside.example";

let world: World;
let began: Date;
beforeAll(async () => {
  began = new Date();
  world = await createWorld();
  await live();
});
afterAll(() => world.close());

/** One exposure with everything that people do to one. */
async function live(): Promise<void> {
  const { asha, lee, mina, tom } = world;
  await asha.asks({ service: "billing-api", hostname: "status", reason: "Month-end" });
  await asha.closesForms();
  await ask(world, { service: "billing-api", duration: 240, reason: "Month-end" });
  await tom.pressesInVain("Approve", world.card(HOST));
  await lee.presses("Approve Shorter", world.card(HOST));
  await lee.submits({ "form.duration": "60" });
  await untilOpen(world, HOST);
  await wishesForMore(world, HOST, 240);
  await mina.presses("Deny", world.card(HOST));
  await mina.submits({ "form.reason": "One hour will do" });
  await world.until("the wish is gone", () => !world.cardText(HOST).includes("More time asked for"));
  await tom.isAnswered(`close ${HOST}`);
  await asha.isAnswered(`close ${HOST}`);
  await untilClosed(world, HOST);
  await world.until("the last message is sent", () => toldOf(world, HOST, "It is closed").length === 1);
}

test("everything that people did is there in its order, what was refused as well", async () => {
  expect(await actsOf(world, HOST)).toEqual([
    "U0ASHA request: ok",
    "U0TOM approve: not-an-approver",
    "U0LEE approve shorter: ok",
    "U0ASHA extend: ok",
    "U0MINA deny: ok",
    "U0TOM close: not-yours",
    "U0ASHA close: ok",
  ]);
});

test("a request that was refused is there with what was asked and why it was refused", async () => {
  const refused = (await trailOf(world)).find((row) => row.action === "request" && row.outcome === "refused");
  expect(refused).toMatchObject({
    actor: "U0ASHA",
    exposureId: null,
    details: {
      hostname: "status",
      service: "lakeside-prod/asia-northeast1/billing-api",
      problems: [{ field: "hostname", problem: "hostname-reserved", label: "status" }],
    },
  });
});

test("each says why: the reasons that people gave, and what they decided on", async () => {
  const rows = await trailOf(world, HOST);
  const of = (action: string, actor: string) =>
    rows.find((row) => row.action === action && row.actor === actor)?.details;
  const asked = of("request", "U0ASHA");
  expect(asked).toMatchObject({
    service: "lakeside-prod/asia-northeast1/billing-api",
    hostname: HOST,
    audience: { emailDomains: ["lakeside.example"] },
    minutes: 240,
    untilClosed: false,
    reason: "Month-end",
    origin: expect.stringMatching(/^https:\/\/billing-api-.*\.run\.app$/),
    approvalsNeeded: 1,
    deciders: { groups: ["S0LEADS"], people: [] },
  });
  expect(of("approve", "U0TOM")).toMatchObject({
    because: "not-an-approver",
    email: "tom@lakeside.example",
    digest: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(of("approve shorter", "U0LEE")).toMatchObject({
    minutes: 60,
    digest: asked?.digest,
    email: "lee@lakeside.example",
  });
  expect(of("extend", "U0ASHA")).toMatchObject({ minutes: 240, reason: "Longer" });
  expect(of("deny", "U0MINA")).toMatchObject({ reason: "One hour will do" });
});

test("the first row is that of the bot's start, with the policy that it decides by", async () => {
  const policy = await readFile(world.sandbox.env.POLICY_FILE ?? "");
  const [first, ...more] = await trailOf(world);
  expect(first).toMatchObject({ actor: "bot", action: "start", exposureId: null, outcome: "ok" });
  expect(first?.details).toEqual({ policySha256: createHash("sha256").update(policy).digest("hex") });
  expect(more.filter(({ action }) => action === "start")).toEqual([]);
});

test("every step at the vendors is there, in its order", async () => {
  const steps = (await trailOf(world, HOST))
    .filter((row) => row.actor === "converge")
    .map((row) => row.action);
  const order = [
    "begin",
    "step: application",
    "step: record",
    "step: gate-proved",
    "step: route",
    "step: connectors",
    "step: seen-open",
    "opened",
    "step: route-removed",
    "step: record-removed",
    "step: tokens-revoked",
    "step: application-removed",
    "step: seen-closed",
    "closed",
  ];
  expect(steps.filter((each) => order.includes(each))).toEqual(order);
});

test("every message is there, with whom it was for", async () => {
  const rows = (await trailOf(world, HOST)).filter((row) => row.action.startsWith("message: "));
  expect(rows.map((row) => [row.action, row.outcome, row.details.to])).toEqual([
    ["message: approved", "ok", "U0ASHA"],
    ["message: open", "ok", "U0ASHA"],
    ["message: extension-asked", "ok", "thread"],
    ["message: extension-denied", "ok", "U0ASHA"],
    ["message: closed", "ok", "U0ASHA"],
  ]);
});

test("the command prints it all as JSON lines while the bot runs", async () => {
  const { lines, errors } = await printed("--since", "7d");
  expect(errors).toBe("");
  const rows = lines.map((line) => JSON.parse(line) as AuditEntry);
  expect(rows).toEqual(JSON.parse(JSON.stringify(await trailOf(world))));
  for (const row of rows) {
    expect(Object.keys(row).sort()).toEqual([
      "action",
      "actor",
      "at",
      "details",
      "exposureId",
      "outcome",
      "seq",
    ]);
    expect(new Date(row.at).getTime()).toBeGreaterThanOrEqual(began.getTime());
  }
});

test("the command prints nothing of before, and says what it cannot read", async () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect((await printed("--since", tomorrow)).lines).toEqual([]);
  for (const since of ["last week", "7", "01.11.2026"])
    expect(await printed("--since", since)).toEqual({
      lines: [],
      errors: `--since ${since} is neither a time such as 7d nor a date such as 2026-11-01.\n`,
    });
});

async function printed(...args: string[]): Promise<{ lines: string[]; errors: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: world.databaseUrl ?? "" };
  const child = spawn(NODE, [await commandFile("audit"), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { lines: out.split("\n").filter(Boolean), errors };
}
