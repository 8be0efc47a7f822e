// The seed hangs together: with itself, with the sandbox's policy, and with the story that the sandbox tells.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { createClock } from "../../sandbox/clock.ts";
import type { GoogleEmulator, Seed } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { startGoogle } from "../../sandbox/google/index.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { demoSeed } from "../../sandbox/seed.ts";
import { createCloudRun } from "../../src/services/cloud-run.ts";
import { createGoogleClients, type GoogleClients } from "../../src/services/google-clients.ts";

const seed: Seed = demoSeed;
const policy = parse(readFileSync("sandbox/policy.yaml", "utf8")) as {
  channels: Record<string, string>;
  google: { projects: string[]; regions: string[] };
  tunnels: { id: string; zones: string[] }[];
};

let google: GoogleEmulator;
let clients: GoogleClients;
beforeAll(async () => {
  const shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  google = await startGoogle(shared, seed.google, {});
  clients = createGoogleClients({ endpoint: google.endpoint });
});
afterAll(async () => {
  await clients.close();
  await google.close();
});

test("everybody in a channel or a group is a person of the workspace", () => {
  const ids = new Set(seed.slack.people.map(({ id }) => id));
  const named = [
    ...seed.slack.channels.flatMap((each) => each.members),
    ...seed.slack.userGroups.flatMap((each) => each.users),
  ];
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
  expect(ids.has(seed.slack.botUserId)).toBe(true);
});

test("the policy's channels hold the bot, and its tunnel and zones are there", () => {
  const withBot = seed.slack.channels.filter((channel) => channel.botIn).map(({ id }) => id);
  expect(withBot).toEqual(expect.arrayContaining(Object.values(policy.channels)));
  const tunnels = seed.cloudflare.tunnels.map(({ id }) => id);
  expect(tunnels).toEqual(expect.arrayContaining(policy.tunnels.map(({ id }) => id)));
  const zones = seed.cloudflare.zones.map(({ name }) => name);
  expect(zones).toEqual(expect.arrayContaining(policy.tunnels.flatMap((tunnel) => tunnel.zones)));
});

test("the policy's projects and regions list every service", async () => {
  const run = createCloudRun({ clients, ...policy.google, now: () => new Date(), timeoutMs: 5000 });
  expect(await run.listServices()).toHaveLength(seed.google.services.length);
});

test.each([
  ["billing-api", { ingress: "internal", invoker: "everyone" }, 200],
  ["payroll-admin", { ingress: "internal", invoker: "check-off" }, 200],
  ["orders-api", { ingress: "all", invoker: "everyone" }, 200],
  ["ledger", { ingress: "internal", invoker: "signed-only" }, 403],
  ["backoffice", { ingress: "none" }, 404],
  ["legacy-reports", { url: null, defaultUrlDisabled: true }, 404],
])("%s is what the story needs", async (name, expected, status) => {
  const ref = { project: "lakeside-prod", region: "asia-northeast1", name };
  const run = createCloudRun({ clients, ...policy.google, now: () => new Date(), timeoutMs: 5000 });
  expect(await run.describe(ref)).toMatchObject(expected);
  const host = new URL(google.urlOf(ref.project, ref.region, name)).host;
  expect(google.answer(host, "/").status).toBe(status);
});

test("others' route leads to a service, behind an application of theirs, at a name of theirs", () => {
  const [tunnel] = demoSeed.cloudflare.tunnels;
  const [route, last] = tunnel!.config!.ingress;
  expect(last).toEqual({ service: "http_status:404" });
  expect(google.answer(new URL(String(route!.service)).host, "/").status).toBe(200);
  expect(demoSeed.cloudflare.applications.map((each) => each.domain)).toContain(route!.hostname);
  const targets = demoSeed.cloudflare.records.map(({ record }) => [record.name, record.content]);
  expect(targets).toContainEqual([route!.hostname, `${tunnel!.id}.cfargotunnel.com`]);
});

test("the bot's tokens lie in Secret Manager as well", () => {
  const values = Object.values(seed.google.secrets).map((versions) => versions.at(-1));
  expect(values).toEqual(
    expect.arrayContaining([seed.slack.botToken, seed.slack.appToken, seed.cloudflare.apiToken]),
  );
});
