// Worker pools as Google's own client sees them: operations, etags, masks, revisions.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GoogleWorld, parent, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const name = `${parent}/workerPools/cloudflared`;

async function createPool() {
  const template = { containers: [{ image: "cloudflared:1", env: [{ name: "MODE", value: "tunnel" }] }] };
  const workerPool = { template, scaling: { manualInstanceCount: 2 } };
  const [operation] = await world.clients.workerPools().createWorkerPool({
    parent,
    workerPoolId: "cloudflared",
    workerPool,
  });
  await operation.promise();
  return read();
}

async function read() {
  const [pool] = await world.clients.workerPools().getWorkerPool({ name });
  return pool;
}

test("a pool is made by an operation that ends later", async () => {
  const pools = world.clients.workerPools();
  const [operation] = await pools.createWorkerPool({
    parent,
    workerPoolId: "cloudflared",
    workerPool: { template: { containers: [{ image: "cloudflared:1" }] } },
  });
  expect(operation.done).toBe(false);
  expect(await read()).toMatchObject({ reconciling: true, latestReadyRevision: "" });
  await operation.promise();
  expect(await read()).toMatchObject({
    name,
    generation: "1",
    observedGeneration: "1",
    scaling: { manualInstanceCount: 1 },
    reconciling: false,
    terminalCondition: { state: "CONDITION_SUCCEEDED" },
    latestReadyRevision: expect.stringContaining("/revisions/cloudflared-00001-"),
  });
  const [finished] = await pools.getOperation({ name: operation.name! } as never);
  expect(finished).toMatchObject({ done: true, name: operation.name });
});

test("an operation that never was is not found", async () => {
  const missing = { name: `${parent}/operations/none` };
  await expect(world.clients.workerPools().getOperation(missing as never)).rejects.toMatchObject({ code: 5 });
});

test("scaling alone makes no new revision, and the mask leaves the rest", async () => {
  const before = await createPool();
  const [operation] = await world.clients.workerPools().updateWorkerPool({
    workerPool: {
      name,
      etag: before.etag!,
      scaling: { manualInstanceCount: 0 },
      description: "not in the mask",
    },
    updateMask: { paths: ["scaling.manual_instance_count"] },
  });
  await operation.promise();
  const after = await read();
  expect(after).toMatchObject({
    description: "",
    scaling: { manualInstanceCount: 0 },
    template: before.template,
  });
  expect(after.latestReadyRevision).toBe(before.latestReadyRevision);
  expect(after.generation).toBe("2");
});

test("an etag of yesterday is refused", async () => {
  const { etag } = await createPool();
  const update = () =>
    world.clients.workerPools().updateWorkerPool({
      workerPool: { name, etag: etag!, labels: { seen: "yes" } },
      updateMask: { paths: ["labels"] },
    });
  await update();
  await expect(update()).rejects.toMatchObject({ code: 10 });
  expect((await read()).labels).toEqual({ seen: "yes" });
});

test("a forced revision restarts the pool without a change", async () => {
  const before = await createPool();
  const [operation] = await world.clients.workerPools().updateWorkerPool({
    workerPool: { name },
    updateMask: { paths: ["client"] },
    forceNewRevision: true,
  });
  expect((await read()).latestReadyRevision).toBe(before.latestReadyRevision);
  await operation.promise();
  const after = await read();
  expect(after.latestReadyRevision).not.toBe(before.latestReadyRevision);
  expect(after.template).toEqual(before.template);
});

test("a new template makes a new revision; a field that the mask names and the body lacks is cleared", async () => {
  const before = await createPool();
  const [operation] = await world.clients.workerPools().updateWorkerPool({
    workerPool: { name, template: { containers: [{ image: "cloudflared:2" }] } },
  });
  await operation.promise();
  const after = await read();
  expect(after.latestReadyRevision).not.toBe(before.latestReadyRevision);
  expect(after.template?.containers?.[0]).toMatchObject({ image: "cloudflared:2", env: [] });
  expect(after.scaling).toBeNull();
});

test("a revision that was named keeps its name to itself: the next one needs another, or none", async () => {
  await createPool();
  const write = async (template: { containers: { image: string }[]; revision?: string }, paths: string[]) => {
    const [operation] = await world.clients
      .workerPools()
      .updateWorkerPool({ workerPool: { name, template }, updateMask: { paths } });
    await operation.promise();
    return await read();
  };
  const whole = ["template.containers", "template.revision"];
  const two = { containers: [{ image: "cloudflared:2" }] };
  const three = { containers: [{ image: "cloudflared:3" }] };
  const named = await write({ ...two, revision: "cloudflared-blue" }, whole);
  expect(named.latestReadyRevision).toBe(`${name}/revisions/cloudflared-blue`);
  await expect(write(three, ["template.containers"])).rejects.toMatchObject({
    code: 6,
    details: "Revision named 'cloudflared-blue' with different configuration already exists.",
  });
  expect(await read()).toEqual(named);
  const free = await write({ ...three, revision: "" }, whole);
  expect(free.latestReadyRevision).toMatch(/\/revisions\/cloudflared-\d{5}-/);
  expect(free.template).toMatchObject({ revision: "", ...three });
});

test("what is only validated changes nothing", async () => {
  const before = await createPool();
  const [operation] = await world.clients.workerPools().updateWorkerPool({
    workerPool: { name, description: "dry run" },
    updateMask: { paths: ["description"] },
    validateOnly: true,
  });
  const [answer] = await operation.promise();
  expect(answer.description).toBe("dry run");
  expect(await read()).toEqual(before);
});

test("refuses what Google refuses, with its codes", async () => {
  const pools = world.clients.workerPools();
  const update = { workerPool: { name, description: "x" }, updateMask: { paths: ["description"] } };
  await expect(pools.getWorkerPool({ name })).rejects.toMatchObject({ code: 5 });
  await expect(pools.updateWorkerPool(update)).rejects.toMatchObject({ code: 5 });
  await createPool();
  await expect(createPool()).rejects.toMatchObject({ code: 6 });
  const badId = { parent, workerPoolId: "Not-An-Id", workerPool: { template: {} } };
  await expect(pools.createWorkerPool(badId)).rejects.toMatchObject({ code: 3 });
  const badMask = { workerPool: { name }, updateMask: { paths: ["uid"] } };
  await expect(pools.updateWorkerPool(badMask)).rejects.toMatchObject({ code: 3 });
});

test("allowMissing makes what is not there; the list shows it in its own region only", async () => {
  const pools = world.clients.workerPools();
  const [operation] = await pools.updateWorkerPool({ workerPool: { name }, allowMissing: true });
  await operation.promise();
  const [here] = await pools.listWorkerPools({ parent });
  const [elsewhere] = await pools.listWorkerPools({ parent: "projects/lakeside-prod/locations/us-central1" });
  expect([here.map((pool) => pool.name), elsewhere]).toEqual([[name], []]);
  const [rights] = await pools.testIamPermissions({
    resource: name,
    permissions: ["run.workerpools.get", "run.workerpools.update"],
  });
  expect(rights.permissions).toEqual(["run.workerpools.get"]);
});

test("a revision that fails leaves the one before in place, and says why", async () => {
  const before = await createPool();
  const failure = { revisionReason: "HEALTH_CHECK_CONTAINER_ERROR", message: "The startup probe failed." };
  world.google.deployWorkerPool(name, failure);
  const broken = await read();
  expect(broken).toMatchObject({
    latestReadyRevision: before.latestReadyRevision,
    reconciling: false,
    terminalCondition: { state: "CONDITION_FAILED", ...failure },
  });
  const revisions = world.clients.revisions();
  const [listed] = await revisions.listRevisions({ parent: name });
  expect(listed.map((each) => each.name)).toEqual([broken.latestCreatedRevision, before.latestReadyRevision]);
  const [newest] = await revisions.getRevision({ name: broken.latestCreatedRevision! });
  expect(newest.conditions?.map((each) => each.state)).toEqual(["CONDITION_FAILED", "CONDITION_FAILED"]);
  world.google.deployWorkerPool(name, null);
  expect(await read()).toMatchObject({ terminalCondition: { state: "CONDITION_SUCCEEDED" } });
  await expect(revisions.listRevisions({ parent: `${parent}/workerPools/none` })).rejects.toMatchObject({
    code: 5,
  });
});
