// Cloud Logging as Google's own client sees it: order, pages, the query language, late and doubled entries, refusals, tails.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogWriting } from "../../sandbox/contract.ts";
import { type GoogleWorld, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const resourceNames = ["projects/lakeside-prod"];
const ORIGIN = { project: "lakeside-prod", region: "asia-northeast1", workerPool: "cloudflared" };
const at = (second: number) => new Date(Date.UTC(2026, 10, 24, 6, 0, second));

function write(line: string, writing: LogWriting = {}, origin = ORIGIN): void {
  world.google.writeLog(origin, line, writing);
}

async function list(filter = "", more: object = {}) {
  const request = { resourceNames, filter, ...more };
  const [entries] = await world.clients.logs().listLogEntries(request, { autoPaginate: false });
  return entries;
}

const texts = async (filter = "", more: object = {}) =>
  (await list(filter, more)).map((entry) => entry.textPayload);

test("a line of JSON becomes a payload whose time is the entry's; any other line is text", async () => {
  write(
    '{"level":"info","message":"Starting tunnel","time":"2026-11-23T06:15:53Z","connIndex":0,"x":[true,null]}',
  );
  write("failed to sufficiently increase receive buffer size", { at: at(1) });
  const [json, text] = await list();
  expect(json).toMatchObject({
    logName: "projects/lakeside-prod/logs/run.googleapis.com%2Fstderr",
    severity: "DEFAULT",
    resource: {
      type: "cloud_run_worker_pool",
      labels: { project_id: "lakeside-prod", location: "asia-northeast1", worker_pool_name: "cloudflared" },
    },
    timestamp: { seconds: String(Date.UTC(2026, 10, 23, 6, 15, 53) / 1000) },
    jsonPayload: { fields: { message: { stringValue: "Starting tunnel" }, connIndex: { numberValue: 0 } } },
  });
  expect(json?.jsonPayload?.fields).not.toHaveProperty("time");
  expect(json?.insertId).toMatch(/./);
  expect(text?.textPayload).toBe("failed to sufficiently increase receive buffer size");
});

test("lists by time, either way, in pages whose tokens are good for their own list only", async () => {
  for (const second of [3, 1, 2]) write(String(second), { at: at(second) });
  expect(await texts()).toEqual(["1", "2", "3"]);
  expect(await texts("", { orderBy: "timestamp desc" })).toEqual(["3", "2", "1"]);
  const request = { resourceNames, orderBy: "timestamp asc", pageSize: 2 };
  const logs = world.clients.logs();
  const [first, , answer] = await logs.listLogEntries(request, { autoPaginate: false });
  const pageToken = answer?.nextPageToken ?? "";
  const [second] = await logs.listLogEntries({ ...request, pageToken }, { autoPaginate: false });
  expect([...first, ...second].map((entry) => entry.textPayload)).toEqual(["1", "2", "3"]);
  const elsewhere = { ...request, pageToken, orderBy: "timestamp desc" };
  await expect(logs.listLogEntries(elsewhere, { autoPaginate: false })).rejects.toMatchObject({ code: 3 });
});

describe("the query language", () => {
  beforeEach(() => {
    write('{"level":"error","message":"Lost connection with the edge"}', { at: at(1) });
    write("second", { at: at(2) }, { ...ORIGIN, workerPool: "other" });
    write("third", { at: at(3) }, { ...ORIGIN, region: "us-central1" });
  });

  test.each([
    ['resource.type="cloud_run_worker_pool"', 3],
    ['resource.type="cloud_run_revision"', 0],
    ['resource.labels.worker_pool_name="cloudflared"', 2],
    ['resource.labels.worker_pool_name=("cloudflared" OR "other")', 3],
    ['resource.labels.worker_pool_name="cloudflared" AND resource.labels.location="us-central1"', 1],
    ['resource.labels.worker_pool_name="other" OR resource.labels.location="us-central1"', 2],
    [
      '(resource.labels.worker_pool_name="other" OR textPayload="third") timestamp>="2026-11-24T06:00:03Z"',
      1,
    ],
    ['NOT resource.labels.worker_pool_name="other"', 2],
    ['-resource.labels.worker_pool_name="other"', 2],
    ['timestamp>"2026-11-24T06:00:01Z"\ntimestamp<"2026-11-24T06:00:03Z"', 1],
    ['jsonPayload.level="ERROR"', 1],
    ['jsonPayload.message:"the edge"', 1],
    ['textPayload=~"^(second|third)$"', 2],
    ['jsonPayload.level!="error"', 2],
    ["severity=DEFAULT", 3],
    ["", 3],
  ])("%s finds %i", async (filter, found) => {
    expect(await list(filter)).toHaveLength(found);
  });

  test.each(['resource.type="x', "resource.type=", "(a", 'nosuch="x"', 'timestamp>="yesterday"', "x AND"])(
    "%s is refused",
    async (filter) => {
      await expect(list(filter)).rejects.toMatchObject({ code: 3 });
    },
  );
});

test("an entry that comes late is not there before", async () => {
  write("late", { at: new Date(world.shared.clock.now().getTime() - 1000), lateMs: 60_000 });
  expect(await texts()).toEqual([]);
  world.shared.clock.forward(60_000);
  expect(await texts()).toEqual(["late"]);
});

test("refuses what Google refuses, with its codes", async () => {
  await expect(list("", { resourceNames: [] })).rejects.toMatchObject({ code: 3 });
  await expect(list("", { resourceNames: ["projects/somebody-elses"] })).rejects.toMatchObject({ code: 7 });
  await expect(list("", { orderBy: "severity" })).rejects.toMatchObject({ code: 3 });
  const view = "projects/lakeside-prod/locations/global/buckets/_Default/views/worker-pools";
  world.google.setLogAccess([view]);
  await expect(list()).rejects.toMatchObject({ code: 7 });
  expect(await list("", { resourceNames: [view] })).toEqual([]);
});

test("sixty reads a minute of a project, and no more", async () => {
  for (let read = 0; read < 60; read++) await list();
  await expect(list()).rejects.toMatchObject({ code: 8 });
  expect(await list("", { resourceNames: ["projects/lakeside-labs"] })).toEqual([]);
});

function tail(filter = "") {
  const stream = world.clients.logs().tailLogEntries({ retry: null });
  const heard: unknown[] = [];
  const ended: number[] = [];
  stream.on("data", (answer) =>
    heard.push(...answer.entries.map((entry: { textPayload: string }) => entry.textPayload)),
  );
  stream.on("error", (error: { code: number }) => ended.push(error.code));
  stream.write({ resourceNames, filter, bufferWindow: { seconds: 0, nanos: 1_000_000 } });
  return { stream, heard, ended };
}

const opened = () => world.shared.journal.entries().filter(({ method }) => method === "TailLogEntries");

test("a tail hears what is written from then on, until Google ends it", async () => {
  write("before");
  const { heard, ended } = tail('resource.labels.worker_pool_name="cloudflared"');
  await expect.poll(opened).toHaveLength(1);
  write("other", {}, { ...ORIGIN, workerPool: "other" });
  write("after");
  await expect.poll(() => heard).toEqual(["after"]);
  world.google.endTails();
  await expect.poll(() => ended).toEqual([11]);
});

test("ten tails of a project, and no more; one that leaves makes room", async () => {
  const tails = Array.from({ length: 10 }, () => tail());
  await expect.poll(opened).toHaveLength(10);
  const eleventh = tail();
  await expect.poll(() => eleventh.ended).toEqual([8]);
  tails[0]?.stream.cancel();
  await expect.poll(() => tails[0]?.ended).toEqual([1]);
  const next = tail();
  await expect
    .poll(() => {
      write("news");
      return next.heard.length;
    })
    .toBeGreaterThan(0);
});

test.each([
  [{ kind: "status", status: 7 }, 7],
  [{ kind: "drop" }, 14],
] as const)("a fault hits a tail as it opens: %o", async (effect, code) => {
  world.shared.faults.add({ vendor: "google", method: "TailLogEntries", effect });
  const { ended } = tail();
  await expect.poll(() => ended).toEqual([code]);
});
