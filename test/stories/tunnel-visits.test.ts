// What only a visit through Access sees: the tunnel is up and its log is silent, and yet nobody gets to the service.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { errorPage } from "../../sandbox/cloudflare/error-page.ts";
import type { DemoSeed } from "../../sandbox/seed.ts";
import { examined } from "../doctor-report.ts";
import { expose, isOpen, NOTHING_STANDING, standing, untilClosed } from "../exposing.ts";
import { standOpen } from "../hands.ts";
import { createTunnelWorld, incidents, untilIncident } from "../tunnels.ts";
import { ALERTS, quickSeed, TUNNEL, textOf, type World } from "../world.ts";

const TOKEN = {
  id: "6f1c2b1e-5a0d-4c3f-8e57-0c1f0c3b9d11",
  name: "drawbridge-visits",
  clientId: "5d1b7f9e.access",
  clientSecret: "b1946ac92492d2347c6235b4d2611184f8a7",
};

const DAY = 24 * 60 * 60_000;

/** What Cloudflare holds of it. */
const held = { ...TOKEN };

let world: World;
let host: string;

beforeAll(async () => {
  const seed: DemoSeed = quickSeed();
  seed.cloudflare.serviceTokens = [held];
  const policy = parse(readFileSync(new URL("../../sandbox/policy.yaml", import.meta.url), "utf8")) as object;
  world = await createTunnelWorld(
    {},
    {
      seed,
      policy: stringify({ ...policy, visits: { serviceToken: TOKEN.id } }),
      env: { VISIT_CLIENT_ID: TOKEN.clientId, VISIT_CLIENT_SECRET: TOKEN.clientSecret },
    },
  );
  host = await expose(world, { service: "billing-api" });
});
afterAll(() => world.close());

const visitsOf = () =>
  world.sandbox.shared.journal
    .entries()
    .filter(({ vendor, path }) => vendor === "edge" && path.startsWith(host));

test("opens with a door for the bot's own visits beside the audience's, and a stranger is stopped all the same", async () => {
  const { cloudflare } = world.sandbox;
  const application = cloudflare.applications().find(({ domain }) => domain === host);
  expect(application?.policies).toMatchObject([
    { decision: "allow" },
    { decision: "non_identity", include: [{ service_token: { token_id: TOKEN.id } }] },
  ]);
  expect(cloudflare.firstHole(host)).toBeNull();
  const before = visitsOf().length;
  await world.until("it is visited twice more", () => visitsOf().length >= before + 4);
  expect(incidents(world)).toEqual([]);
});

test("a wrong Host header: Google's own 404 is told, with what to set, and it is over when it is right", async () => {
  const { cloudflare } = world.sandbox;
  const right = cloudflare.tunnelConfig(TUNNEL).config;
  const wrong = structuredClone(right) as { ingress: { hostname?: string; originRequest?: object }[] };
  for (const rule of wrong.ingress)
    if (rule.hostname === host)
      rule.originRequest = { ...rule.originRequest, httpHostHeader: "wrong.example" };
  cloudflare.putConfig(TUNNEL, wrong);
  const incident = await untilIncident(world, "httpHostHeader");
  expect(textOf(incident)).toContain(host);
  expect(isOpen(world, host)).toBe(true);
  cloudflare.putConfig(TUNNEL, right);
  await untilIncident(world, "Over: ");
});

test("an error of the edge's own is nobody who got through: what is open stays open", async () => {
  const { cloudflare } = world.sandbox;
  cloudflare.putInFront(host, { status: 409, body: errorPage(1001, "DNS resolution error") });
  const before = visitsOf().length;
  await world.until("it is visited twice more, without the token", () => visitsOf().length >= before + 2);
  cloudflare.putInFront(host, null);
  expect(visitsOf().slice(before)[0]?.status).toBe(409);
  await world.until("it is visited again", () => visitsOf().at(-1)?.status !== 409);
  expect(isOpen(world, host)).toBe(true);
});

test("a stranger who gets through on a scheduled visit: the route goes at once, and the card says why", async () => {
  const { cloudflare } = world.sandbox;
  const open = await expose(world, { service: "grafana" });
  const from = cloudflare.history(open).length;
  standOpen(world, open);
  await untilClosed(world, open, 40);
  const text = world.cardText(open);
  expect(text).toContain("A stranger could have reached the service, so the route was taken away at once.");
  expect(text).toContain("A visit from outside without a log-in got through (status 200).");
  const events = cloudflare
    .history(open)
    .slice(from)
    .map((each) => each.what);
  const reached = events.lastIndexOf("stranger reached the service");
  expect(reached).toBeGreaterThanOrEqual(0);
  expect(events.indexOf("route removed")).toBeGreaterThan(reached);
  expect(events.slice(reached + 1).find((what) => what.endsWith(" removed"))).toBe("route removed");
  expect(standing(world, open)).toEqual(NOTHING_STANDING);
  // What else is open goes on.
  expect(isOpen(world, host)).toBe(true);
});

test("a token that Access takes no more: the alerts channel hears of it once a day, and the doctor says what to do", async () => {
  const { clock } = world.sandbox.shared;
  const told = () =>
    world.sandbox.slack
      .messages(ALERTS)
      .map(textOf)
      .filter((text) => text.includes("service token no more"));
  expect(await examined(world)).toMatch(/Passed: .*visit-token/);
  expect(told()).toEqual([]);
  held.clientSecret = "another";
  await world.until("it is told", () => told().length === 1);
  expect(told()[0]).toContain(host);
  const report = await examined(world);
  expect(report).toContain(
    `Access did not take the service token of VISIT_CLIENT_ID: a visit to ${host} was refused`,
  );
  expect(report).toContain("visits.serviceToken");
  const before = visitsOf().length;
  await world.until("it is visited twice more", () => visitsOf().length >= before + 4);
  expect(told()).toHaveLength(1);
  expect(isOpen(world, host)).toBe(true);
  clock.forward(DAY);
  await untilClosed(world, host, 40);
  await expose(world, { service: "billing-api" });
  await world.until("it is told the next day", () => told().length === 2);
  held.clientSecret = TOKEN.clientSecret;
});

test("the token stands in no line of the log, in no message and in no request that was noted", async () => {
  const { shared, slack } = world.sandbox;
  const everything = JSON.stringify([
    world.logged,
    shared.journal.entries(),
    slack.channels().map(({ id }) => slack.messages(id)),
  ]);
  expect(everything).toContain(host);
  expect(everything).not.toContain(TOKEN.clientSecret);
});
