// An admin sends for the doctor after somebody broke something: it names what is wrong and what to do, and nothing else.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createGoogleClients } from "../../src/services/google-clients.ts";
import { examined } from "../doctor-report.ts";
import { createWorld, TUNNEL, textOf, type World } from "../world.ts";

const PARENT = "projects/lakeside-prod/locations/asia-northeast1";
const POOL = `${PARENT}/workerPools/cloudflared`;
const env = (name: string, value: string) => ({ name, value });
const CONTAINER = {
  image: "cloudflare/cloudflared:2026.8.3",
  args: ["tunnel", "run"],
  env: [
    env("TUNNEL_TRANSPORT_PROTOCOL", "http2"),
    env("TUNNEL_METRICS", "0.0.0.0:2000"),
    {
      name: "TUNNEL_TOKEN",
      valueSource: { secretKeyRef: { secret: "cloudflared-tunnel-token", version: "1" } },
    },
  ],
};
const VPC = {
  egress: "PRIVATE_RANGES_ONLY" as const,
  networkInterfaces: [{ network: "vpc", subnetwork: "subnet" }],
};

let world: World;
beforeAll(async () => {
  world = await createWorld();
  world.sandbox.cloudflare.setOrganization({ deny_unmatched_requests: true });
  await deployPool({
    template: { containers: [CONTAINER], vpcAccess: VPC },
    scaling: { manualInstanceCount: 2 },
  });
});
beforeEach(() => world.sandbox.shared.faults.clear());
afterAll(() => world.close());

async function deployPool(workerPool: object): Promise<void> {
  const clients = createGoogleClients({ endpoint: world.sandbox.google.endpoint });
  const change = { workerPool: { name: POOL, ...workerPool }, allowMissing: true };
  const [operation] = await clients.workerPools().updateWorkerPool(change);
  await operation.promise();
  await clients.close();
}

test("all is well", async () => {
  expect(await examined(world)).toMatch(/^All \d+ checks passed\./);
});

test("who is no admin is told so, and nothing is looked at", async () => {
  const answer = textOf(await world.asha.isAnswered("doctor"));
  expect(answer).toContain("admin");
  expect(answer).not.toContain("passed");
});

/** Who breaks what, what the doctor says of it, and how it is mended. */
test.each<[what: string, breaking: () => unknown, said: RegExp, mending: () => unknown]>([
  [
    "the token will expire",
    () => world.sandbox.cloudflare.setApiLimits({ tokenExpiresOn: "2026-01-01T00:00:00Z" }),
    /Failed\s+cloudflare-token.*expired/s,
    () => world.sandbox.cloudflare.setApiLimits({ tokenExpiresOn: undefined }),
  ],
  [
    "the token lost a permission",
    () =>
      world.sandbox.shared.faults.add({
        vendor: "cloudflare",
        path: "/access/groups",
        times: 0,
        effect: { kind: "status", status: 403 },
      }),
    /Failed\s+cloudflare-rights.*Organizations/s,
    () => undefined,
  ],
  [
    "the account's net is taken away",
    () => world.sandbox.cloudflare.setOrganization({ deny_unmatched_requests: false }),
    /Warning\s+access-deny-unmatched/,
    () => world.sandbox.cloudflare.setOrganization({ deny_unmatched_requests: true }),
  ],
  [
    "every connector is gone",
    () => world.sandbox.cloudflare.setConnectors(TUNNEL, 0),
    /Failed\s+tunnel-connectors.*No connector is running/s,
    () => world.sandbox.cloudflare.setConnectors(TUNNEL, 2),
  ],
  [
    "the pool is made to use QUIC, with all traffic through the VPC and one instance",
    () =>
      deployPool({
        template: {
          containers: [
            { ...CONTAINER, env: [env("TUNNEL_TRANSPORT_PROTOCOL", "quic"), ...CONTAINER.env.slice(1)] },
          ],
          vpcAccess: { ...VPC, egress: "ALL_TRAFFIC" },
        },
        scaling: { manualInstanceCount: 1 },
      }),
    /Failed\s+pool-protocol.*Warning\s+pool-instances.*Warning\s+pool-egress/s,
    () =>
      deployPool({
        template: { containers: [CONTAINER], vpcAccess: VPC },
        scaling: { manualInstanceCount: 2 },
      }),
  ],
  [
    "an exposed service is opened to the internet",
    () => world.sandbox.google.setService("status-page", { ingress: "all" }),
    /Failed\s+service-ingress.*Anybody on the internet.*--ingress=internal/s,
    () => world.sandbox.google.setService("status-page", { ingress: "internal" }),
  ],
  [
    "an exposed service wants signed requests",
    () => world.sandbox.google.setService("status-page", { publicInvoker: false }),
    /Failed\s+service-invoker.*Warning\s+origin/s,
    () => world.sandbox.google.setService("status-page", { publicInvoker: true }),
  ],
  [
    "the bot is outside the connectors' VPC, as it is deployed",
    () => world.sandbox.google.setPrivateZone(false),
    /^All \d+ checks passed, 2 cannot be seen from here\..*Not seen from the bot: private-dns, origin/s,
    () => world.sandbox.google.setPrivateZone(true),
  ],
  [
    "Google's front end refuses requests from here",
    () => world.sandbox.google.setService("status-page", { ingress: "none" }),
    /Failed\s+service-ingress.*Failed\s+origin.*answered 404/s,
    () => world.sandbox.google.setService("status-page", { ingress: "internal" }),
  ],
  [
    "Cloud Run answers nothing",
    () =>
      world.sandbox.shared.faults.add({
        vendor: "google",
        method: "GetWorkerPool",
        times: 0,
        effect: { kind: "status", status: 7 },
      }),
    /Failed\s+pool\s.*It could not be looked at.*roles\/run\.viewer/s,
    () => undefined,
  ],
  [
    "a scope is taken from the app",
    () =>
      world.sandbox.slack.setScopes(world.sandbox.seed.slack.scopes.filter((scope) => scope !== "im:write")),
    /Failed\s+slack.*im:write/s,
    () => world.sandbox.slack.setScopes(world.sandbox.seed.slack.scopes),
  ],
])("%s", async (_, breaking, said, mending) => {
  await breaking();
  expect(await examined(world)).toMatch(said);
  await mending();
});

test("a vendor that hangs is told after a while, and keeps nothing else from being told", async () => {
  world.sandbox.shared.faults.add({
    vendor: "cloudflare",
    path: "/connections$",
    times: 0,
    effect: { kind: "hang" },
  });
  const report = await examined(world);
  expect(report).toMatch(/Failed\s+tunnel-connectors.*It could not be looked at/s);
  expect(report).toMatch(/Passed: .*private-dns.*database/);
});
