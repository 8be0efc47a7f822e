// The two writes to a worker pool: made as its YAML says, and pointed to another version without touching the rest.
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { demoWorkerPools } from "../../sandbox/seed-worker-pools.ts";
import { CONNECTOR_IMAGE } from "../../src/services/worker-pool-spec.ts";
import { createWorkerPoolWrites } from "../../src/services/worker-pool-writes.ts";
import { createWorkerPools } from "../../src/services/worker-pools.ts";
import { textOf } from "../deploy/repository.ts";
import { type GoogleWorld, parent, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld({ workerPools: demoWorkerPools });
});
afterEach(() => world.close());

const SEEDED = { project: "lakeside-prod", region: "asia-northeast1", name: "cloudflared" };
const NEW = { ...SEEDED, name: "drawbridge-cloudflared" };
const HOW = {
  image: CONNECTOR_IMAGE,
  instances: 2,
  serviceAccount: "drawbridge-cloudflared@lakeside-prod.iam.gserviceaccount.com",
  network: "drawbridge",
  subnetwork: "drawbridge",
  secret: "drawbridge-tunnel-token",
  version: "1",
};

const writes = () => createWorkerPoolWrites({ clients: world.clients, timeoutMs: 5_000 });
const described = (ref = SEEDED) =>
  createWorkerPools({ clients: world.clients, timeoutMs: 5_000 }).describe(ref);

test("a pool is made as deploy/cloudflared.worker-pool.yaml says", async () => {
  await writes().create(NEW, HOW);
  const written = await templateOf(NEW.name);
  expect(written?.serviceAccount).toBe(HOW.serviceAccount);
  const pool = await described(NEW);
  const yaml = parse(textOf("deploy/cloudflared.worker-pool.yaml"));
  const { annotations } = yaml.spec.template.metadata;
  const [wanted] = yaml.spec.template.spec.containers;
  expect(pool.instanceCount).toBe(
    Number(yaml.metadata.annotations["run.googleapis.com/manualInstanceCount"]),
  );
  expect(pool.egress).toBe(annotations["run.googleapis.com/vpc-access-egress"]);
  expect(written?.vpcAccess?.networkInterfaces).toMatchObject(
    JSON.parse(annotations["run.googleapis.com/network-interfaces"]),
  );
  const [container] = pool.containers;
  const { image, args, resources, startupProbe, livenessProbe } = wanted;
  expect(written?.containers).toMatchObject([
    { image, args, resources: { limits: resources.limits }, startupProbe, livenessProbe },
  ]);
  type Variable = {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef: { name: string; key: string } };
  };
  const env = (wanted.env as Variable[]).map(({ name, value, valueFrom }) =>
    valueFrom
      ? { name, secret: valueFrom.secretKeyRef.name, version: valueFrom.secretKeyRef.key }
      : { name, value },
  );
  expect(container?.env).toEqual(env);
});

test("made twice is a conflict, and the first stays", async () => {
  await writes().create(NEW, HOW);
  const failure = await failureOf(writes().create(NEW, { ...HOW, instances: 9 }));
  expect(failure).toMatchObject({ kind: "conflict" });
  expect((await described(NEW)).instanceCount).toBe(2);
});

test("another version is a new revision, and nothing else changes", async () => {
  const before = await described();
  const template = await templateOf(SEEDED.name);
  await writes().pointToken(before, "cloudflared-tunnel-token", "7");
  const after = await described();
  const [container] = before.containers;
  const env = container?.env.map((each) => (each.name === "TUNNEL_TOKEN" ? { ...each, version: "7" } : each));
  expect(after.containers).toEqual([{ ...container, env }]);
  expect(after.latestCreatedRevision).not.toBe(before.latestCreatedRevision);
  const { serviceAccount, egress, instanceCount } = before;
  expect(after).toMatchObject({ serviceAccount, egress, instanceCount });
  const others = ({ containers = [], ...rest }: NonNullable<typeof template>) => ({
    ...rest,
    containers: containers?.map((each) => ({ ...each, env: null })),
  });
  expect(others((await templateOf(SEEDED.name)) ?? {})).toEqual(others(template ?? {}));
});

async function templateOf(name: string) {
  const [pool] = await world.clients.workerPools().getWorkerPool({ name: `${parent}/workerPools/${name}` });
  return pool.template;
}

test("the same version again is a new revision too: the one before may have failed for what is mended now", async () => {
  await writes().pointToken(await described(), "cloudflared-tunnel-token", "1");
  const before = await described();
  await writes().pointToken(before, "cloudflared-tunnel-token", "1");
  const after = await described();
  expect(after.containers).toEqual(before.containers);
  expect(after.latestCreatedRevision).not.toBe(before.latestCreatedRevision);
});

test("a pool whose revision somebody named takes another version in a revision without that name", async () => {
  const name = `${parent}/workerPools/cloudflared`;
  const [{ template }] = await world.clients.workerPools().getWorkerPool({ name });
  world.google.setWorkerPool(name, { template: { ...template, revision: "cloudflared-blue" } });
  const before = await described();
  expect(before.latestCreatedRevision).toBe("cloudflared-blue");
  await writes().pointToken(before, "cloudflared-tunnel-token", "7");
  const after = await described();
  expect(after.latestCreatedRevision).toMatch(/^cloudflared-\d{5}-/);
  expect(after.containers[0]?.env[0]).toMatchObject({ name: "TUNNEL_TOKEN", version: "7" });
});

test("what is there already is told as that, and not as somebody else's change", async () => {
  await writes().create(NEW, HOW);
  const { message } = await failureOf(writes().create(NEW, HOW));
  expect(message).toBe(
    "There is a worker pool lakeside-prod/asia-northeast1/drawbridge-cloudflared already. Run this again: it goes on with that one.",
  );
  world.shared.faults.add({
    vendor: "google",
    method: "UpdateWorkerPool",
    effect: { kind: "status", status: 6 },
  });
  const failure = await failureOf(writes().pointToken(await described(), "cloudflared-tunnel-token", "7"));
  expect(failure).toMatchObject({ kind: "conflict" });
  expect(failure.message).toContain("has a revision of that name already");
});

test("what somebody else changed since it was read is not overwritten", async () => {
  const before = await described();
  world.google.setWorkerPool(`${parent}/workerPools/cloudflared`, { description: "changed by hand" });
  const failure = await failureOf(writes().pointToken(before, "cloudflared-tunnel-token", "7"));
  expect(failure).toMatchObject({ kind: "conflict" });
  expect(failure.message).toContain("Somebody else changed the worker pool");
  expect((await described()).containers).toEqual(before.containers);
});
