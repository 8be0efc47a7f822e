// The list of services behind the form, and the fresh look at one service before a decision rests on it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCloudRun } from "../../src/services/cloud-run.ts";
import { asked, type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

let world: GoogleWorld;
let now: Date;
beforeEach(async () => {
  world = await startGoogleWorld();
  now = new Date("2026-11-23T09:00:00Z");
});
afterEach(() => world.close());

const prod = { project: "lakeside-prod", region: "asia-northeast1" };

function cloudRun(overrides: { projects?: string[]; regions?: string[]; timeoutMs?: number } = {}) {
  return createCloudRun({
    clients: world.clients,
    projects: ["lakeside-prod", "lakeside-labs"],
    regions: ["asia-northeast1", "us-central1"],
    now: () => now,
    timeoutMs: 5000,
    ...overrides,
  });
}

test("an answer that left its list of addresses out is not believed: the service would seem to have moved", async () => {
  world.shared.faults.add({ vendor: "google", method: "GetService", effect: { kind: "empty-list" } });
  const failure = await failureOf(cloudRun().describe({ ...prod, name: "billing-api" }));
  expect(failure).toMatchObject({ kind: "retry", vendor: "google" });
  expect(await cloudRun().describe({ ...prod, name: "billing-api" })).toMatchObject({ name: "billing-api" });
});

test("lists every project and region", async () => {
  const services = await cloudRun().listServices();
  expect(services.map(({ project, region, name }) => `${project}/${region}/${name}`).sort()).toEqual([
    "lakeside-labs/us-central1/notebook",
    "lakeside-prod/asia-northeast1/backoffice",
    "lakeside-prod/asia-northeast1/billing-api",
    "lakeside-prod/asia-northeast1/ledger",
    "lakeside-prod/asia-northeast1/legacy-reports",
    "lakeside-prod/asia-northeast1/payroll-admin",
    "lakeside-prod/asia-northeast1/recipe-editor",
  ]);
  expect(asked(world.shared).sort()).toEqual([
    "ListServices projects/lakeside-labs/locations/asia-northeast1",
    "ListServices projects/lakeside-labs/locations/us-central1",
    "ListServices projects/lakeside-prod/locations/asia-northeast1",
    "ListServices projects/lakeside-prod/locations/us-central1",
  ]);
});

test("follows the pages of a long list to the end", async () => {
  for (let index = 0; index < 1005; index++) {
    world.google.setService(`shop-${index}`, {
      project: "lakeside-labs",
      region: "us-central1",
      name: `shop-${index}`,
    });
  }
  const services = await cloudRun({ projects: ["lakeside-labs"], regions: ["us-central1"] }).listServices();
  expect(new Set(services.map(({ name }) => name)).size).toBe(1006);
  expect(asked(world.shared)).toHaveLength(2);
});

test("a list is kept for a minute, and no longer", async () => {
  const run = cloudRun({ projects: ["lakeside-labs"] });
  await run.listServices();
  now = new Date(now.getTime() + 59_999);
  await run.listServices();
  expect(asked(world.shared)).toHaveLength(2);
  world.google.removeService("notebook");
  now = new Date(now.getTime() + 1);
  expect(await run.listServices()).toEqual([]);
  expect(asked(world.shared)).toHaveLength(4);
});

test("one place is listed alone, and not again for the whole list", async () => {
  const run = cloudRun();
  const labs = { project: "lakeside-labs", region: "us-central1" };
  expect(await run.listServicesIn(labs)).toMatchObject([{ ...labs, name: "notebook" }]);
  expect(asked(world.shared)).toEqual(["ListServices projects/lakeside-labs/locations/us-central1"]);
  expect(await run.listServices()).toHaveLength(7);
  expect(asked(world.shared)).toHaveLength(4);
});

test("people who ask at the same time share one listing", async () => {
  const run = cloudRun();
  const [one, other] = await Promise.all([run.listServices(), run.listServices()]);
  expect(one).toEqual(other);
  expect(asked(world.shared)).toHaveLength(4);
});

test("one failed region fails the list, says where, and is not remembered", async () => {
  const run = cloudRun();
  world.shared.faults.add({
    vendor: "google",
    path: "lakeside-labs/locations/us-central1",
    effect: { kind: "status", status: 14 },
  });
  const failure = await failureOf(run.listServices());
  expect(failure).toMatchObject({ kind: "retry", vendor: "google", operation: "run.ListServices", code: 14 });
  expect(failure.message).toContain("lakeside-labs");
  expect(failure.message).toContain("us-central1");
  expect(await run.listServices()).toHaveLength(7);
});

test("a list once kept is not shown in place of one that fails", async () => {
  const run = cloudRun();
  await run.listServices();
  now = new Date(now.getTime() + 60_000);
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "status", status: 14 } });
  await failureOf(run.listServices());
});

test("at most six places are asked at once, and none after the first failure", async () => {
  const regions = ["asia-east1", "asia-northeast1", "europe-west1", "us-central1", "us-east1", "us-west1"];
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "hang" } });
  const failure = await failureOf(cloudRun({ regions, timeoutMs: 1000 }).listServices());
  expect(failure).toMatchObject({ kind: "retry", code: 4 });
  expect(asked(world.shared).length).toBeLessThanOrEqual(6);
});

test("a denied list says which right is missing where", async () => {
  const failure = await failureOf(cloudRun({ projects: ["somebody-elses"] }).listServices());
  expect(failure.kind).toBe("denied");
  expect(failure.message).toContain("run.services.list");
  expect(failure.message).toContain("somebody-elses");
});

test.each([
  ["billing-api", { ingress: "internal", invoker: "everyone", description: "Invoices" }],
  ["payroll-admin", { ingress: "internal", invoker: "check-off" }],
  ["ledger", { ingress: "internal", invoker: "signed-only" }],
  ["recipe-editor", { ingress: "internal-and-load-balancing", invoker: "everyone" }],
  ["backoffice", { ingress: "none" }],
  ["legacy-reports", { url: null, defaultUrlDisabled: true }],
])("describes %s", async (name, expected) => {
  expect(await cloudRun().describe({ ...prod, name })).toMatchObject({ ...prod, name, ...expected });
});

test("a log-in of Google's before the service is seen in the list and by itself, whatever its invoker check", async () => {
  for (const invokerIamDisabled of [false, true]) {
    world.google.setService("billing-api", { iapEnabled: true, invokerIamDisabled });
    const run = cloudRun();
    const listed = (await run.listServices()).find(({ name }) => name === "billing-api");
    expect(listed?.invoker).toBe("iap");
    expect((await run.describe({ ...prod, name: "billing-api" })).invoker).toBe("iap");
  }
});

test("of a service's URLs, the one that lasts is taken", async () => {
  const { url } = await cloudRun().describe({ ...prod, name: "billing-api" });
  expect(url).toBe(world.google.urlOf(prod.project, prod.region, "billing-api"));
});

test("describes what is so now, not what was listed", async () => {
  const run = cloudRun();
  await run.listServices();
  const before = await run.describe({ ...prod, name: "billing-api" });
  world.google.setService("billing-api", { ingress: "all" });
  const after = await run.describe({ ...prod, name: "billing-api" });
  expect([before.ingress, after.ingress]).toEqual(["internal", "all"]);
});

test("a policy that may not be read leaves the invoker unknown", async () => {
  world.shared.faults.add({
    vendor: "google",
    method: "GetIamPolicy",
    effect: { kind: "status", status: 7 },
  });
  expect(await cloudRun().describe({ ...prod, name: "billing-api" })).toMatchObject({ invoker: "unknown" });
});

test("a policy that could not be read just now is a failure, not a guess", async () => {
  world.shared.faults.add({ vendor: "google", method: "GetIamPolicy", effect: { kind: "drop" } });
  const failure = await failureOf(cloudRun().describe({ ...prod, name: "billing-api" }));
  expect(failure).toMatchObject({ kind: "retry", operation: "run.GetIamPolicy" });
});

test("a service that is gone is missing", async () => {
  const failure = await failureOf(cloudRun().describe({ ...prod, name: "gone" }));
  expect(failure).toMatchObject({ kind: "missing", code: 5, operation: "run.GetService" });
  expect(failure.message).toContain("no Cloud Run service gone in lakeside-prod");
});

test.each([
  [14, "retry"],
  [4, "retry"],
  [8, "retry"],
  [13, "retry"],
  [2, "retry"],
  [10, "conflict"],
  [9, "conflict"],
  [7, "denied"],
  [16, "denied"],
  [3, "denied"],
  [5, "missing"],
])("code %i is told as %s, without Google's own words", async (status, kind) => {
  const body = "projects/123/secret-looking details";
  world.shared.faults.add({ vendor: "google", times: 0, effect: { kind: "status", status, body } });
  const failure = await failureOf(cloudRun().describe({ ...prod, name: "billing-api" }));
  expect(failure).toMatchObject({ kind, code: status, cause: { details: body } });
  expect(failure.message).not.toContain("secret-looking");
  expect(asked(world.shared)).toHaveLength(1);
});

test("when Google says how long to wait, that is passed on", async () => {
  const effect = { kind: "status", status: 8, retryAfterSeconds: 7 } as const;
  world.shared.faults.add({ vendor: "google", effect });
  expect(await failureOf(cloudRun().describe({ ...prod, name: "billing-api" }))).toMatchObject({
    retryAfterMs: 7000,
  });
});
