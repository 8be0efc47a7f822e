// Cloud Run's services as Google's own client sees them.
import { afterEach, beforeEach, expect, test } from "vitest";
import { asked, type GoogleWorld, parent, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const named = (name: string) => `${parent}/services/${name}`;

test("lists one region of one project, page by page, newest first", async () => {
  const client = world.clients.services();
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const [items, , response] = await client.listServices(
      { parent, pageSize: 4, pageToken },
      { autoPaginate: false },
    );
    pages.push(items.map((item) => String(item.name).slice(`${parent}/services/`.length)));
    pageToken = response?.nextPageToken ?? "";
  } while (pageToken);
  expect(pages).toEqual([
    ["billing-api", "payroll-admin", "ledger", "recipe-editor"],
    ["backoffice", "legacy-reports"],
  ]);
});

test("lists through the client's own paging too", async () => {
  const names: string[] = [];
  for await (const service of world.clients.services().listServicesAsync({ parent }))
    names.push(String(service.name));
  expect(names).toHaveLength(6);
});

test("a page token of another list is refused", async () => {
  const client = world.clients.services();
  const options = { autoPaginate: false };
  const [, , response] = await client.listServices({ parent, pageSize: 1 }, options);
  const elsewhere = {
    parent: "projects/lakeside-labs/locations/us-central1",
    pageToken: response!.nextPageToken!,
  };
  await expect(client.listServices(elsewhere, options)).rejects.toMatchObject({ code: 3 });
});

test("the project's number is as good as its id", async () => {
  const client = world.clients.services();
  const number = /-(\d+)\./.exec(world.google.urlOf("lakeside-prod", "asia-northeast1", "billing-api"))![1];
  const [service] = await client.getService({ name: named("billing-api").replace("lakeside-prod", number!) });
  expect(service.name).toBe(named("billing-api"));
});

test("refuses what Google refuses, with its codes", async () => {
  const client = world.clients.services();
  const list = (place: string) => client.listServices({ parent: place }, { autoPaginate: false });
  await expect(client.getService({ name: named("nothing") })).rejects.toMatchObject({ code: 5 });
  await expect(client.getService({ name: "billing-api" })).rejects.toMatchObject({ code: 3 });
  await expect(list("projects/lakeside-prod/locations/-")).rejects.toMatchObject({ code: 3 });
  await expect(list("projects/lakeside-prod/locations/mars-north1")).rejects.toMatchObject({ code: 7 });
  await expect(list("projects/elsewhere/locations/us-central1")).rejects.toMatchObject({ code: 7 });
});

test("a service carries its URLs, ingress and state", async () => {
  const [service] = await world.clients.services().getService({ name: named("billing-api") });
  const steady = world.google.urlOf("lakeside-prod", "asia-northeast1", "billing-api");
  expect(steady).toMatch(/^https:\/\/billing-api-\d{12}\.asia-northeast1\.run\.app$/);
  expect(service.urls).toEqual([
    steady,
    expect.stringMatching(/^https:\/\/billing-api-\w{10}-an\.a\.run\.app$/),
  ]);
  expect(service.uri).toBe(service.urls![1]);
  expect(service).toMatchObject({
    description: "Invoices",
    ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY",
    invokerIamDisabled: false,
    terminalCondition: { type: "Ready", state: "CONDITION_SUCCEEDED" },
    latestReadyRevision: expect.stringContaining("/revisions/billing-api-00001-"),
  });
});

test.each([
  ["billing-api", "INGRESS_TRAFFIC_INTERNAL_ONLY"],
  ["recipe-editor", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"],
  ["backoffice", "INGRESS_TRAFFIC_NONE"],
])("%s has ingress %s", async (name, ingress) => {
  const [service] = await world.clients.services().getService({ name: named(name) });
  expect(service.ingress).toBe(ingress);
});

test("a service whose default URL is switched off has none", async () => {
  const [service] = await world.clients.services().getService({ name: named("legacy-reports") });
  expect(service).toMatchObject({ urls: [], uri: "", defaultUriDisabled: true });
});

test("the IAM policy names allUsers only where everyone was made an invoker", async () => {
  const client = world.clients.services();
  const bindings = async (name: string) => (await client.getIamPolicy({ resource: named(name) }))[0].bindings;
  expect(await bindings("billing-api")).toMatchObject([{ role: "roles/run.invoker", members: ["allUsers"] }]);
  expect(await bindings("payroll-admin")).toEqual([]);
  expect(await bindings("ledger")).toEqual([]);
});

test("the bot's rights are those of a viewer", async () => {
  const [answer] = await world.clients.services().testIamPermissions({
    resource: named("billing-api"),
    permissions: ["run.services.get", "run.services.setIamPolicy"],
  });
  expect(answer.permissions).toEqual(["run.services.get"]);
});

test("others' changes are seen: a new revision, a new service, one less", async () => {
  const client = world.clients.services();
  const seen: string[] = [];
  world.google.onChange(({ kind }) => seen.push(kind));
  const [before] = await client.getService({ name: named("billing-api") });
  world.shared.clock.forward(60_000);
  world.google.setService("billing-api", { ingress: "all" });
  const [after] = await client.getService({ name: named("billing-api") });
  expect(after.ingress).toBe("INGRESS_TRAFFIC_ALL");
  expect(after.etag).not.toBe(before.etag);
  expect(Number(after.updateTime?.seconds)).toBeGreaterThan(Number(before.updateTime?.seconds));

  world.google.setService("fresh", { project: "lakeside-prod", region: "asia-northeast1", name: "fresh" });
  expect((await client.getService({ name: named("fresh") }))[0].description).toBe("");
  world.google.removeService("fresh");
  await expect(client.getService({ name: named("fresh") })).rejects.toMatchObject({ code: 5 });
  expect(() => world.google.removeService("fresh")).toThrow("no service fresh");
  expect(seen).toEqual(["service", "service", "service"]);
});

test("a service that bears the name of another is told apart by project and region", async () => {
  world.google.setService("lakeside-labs/us-central1/ledger", {
    project: "lakeside-labs",
    region: "us-central1",
    name: "ledger",
  });
  expect(() => world.google.setService("ledger", { ingress: "all" })).toThrow("ambiguous");
  world.google.setService("lakeside-labs/us-central1/ledger", { ingress: "all" });
  expect(
    world.google.services().filter(({ ingress, name }) => name === "ledger" && ingress === "all"),
  ).toHaveLength(1);
});

test("revisions of a service, newest first", async () => {
  const { RevisionsClient } = await import("@google-cloud/run").then(({ v2 }) => v2);
  const { clientOptions } = await import("../../src/services/google-clients.ts");
  const client = new RevisionsClient(clientOptions(world.google.endpoint));
  world.google.setService("billing-api", { description: "Invoices, again" });
  const [revisions] = await client.listRevisions({ parent: named("billing-api") });
  expect(revisions.map(({ generation }) => String(generation))).toEqual(["2", "1"]);
  const [service] = await world.clients.services().getService({ name: named("billing-api") });
  const [latest] = await client.getRevision({ name: service.latestReadyRevision! });
  expect(latest).toMatchObject({ name: revisions[0]!.name, service: "billing-api" });
  await expect(client.getRevision({ name: `${named("billing-api")}/revisions/none` })).rejects.toMatchObject({
    code: 5,
  });
  await client.close();
});

test("regions of a project", async () => {
  const ids: string[] = [];
  for await (const location of world.clients
    .services()
    .listLocationsAsync({ name: "projects/lakeside-prod" })) {
    ids.push(String(location.locationId));
  }
  expect(ids).toEqual(expect.arrayContaining(["asia-northeast1", "us-central1"]));
});

test("every request is journalled with its code, also one that is not emulated", async () => {
  const client = world.clients.services();
  await client.getService({ name: named("ledger") });
  await client.getService({ name: named("nothing") }).catch(() => {});
  await client.deleteService({ name: named("ledger") }).catch(() => {});
  expect(asked(world.shared)).toEqual([
    `GetService ${named("ledger")}`,
    `GetService ${named("nothing")}`,
    `DeleteService ${named("ledger")}`,
  ]);
  expect(world.shared.journal.entries()).toMatchObject([
    { vendor: "google", status: 0, query: {}, body: { name: named("ledger") } },
    { status: 5 },
    { status: 12 },
  ]);
});
