// Set-up and rotation as people run them, against the emulators: from nothing to connectors that run, killed on the way,
// and a new token without a moment when no connector is up.
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { createGoogleClients } from "../../src/services/google-clients.ts";
import { killedAgainAndAgain } from "./kill-loop.ts";
import { type Outcome, runCommand } from "./run-command.ts";

const PROJECT = "lakeside-prod";
const SECRET = `projects/${PROJECT}/secrets/drawbridge-tunnel-token`;
const POOL = `projects/${PROJECT}/locations/asia-northeast1/workerPools/drawbridge-cloudflared`;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ bot: false });
});
afterAll(() => sandbox.stop());

type Pool = { template: { containers: { env: Variable[] }[] }; etag: string };
type Variable = { name: string; value?: string; valueSource?: { secretKeyRef: { version: string } } };

function run(name: string, args: string[] = [], started?: (child: ChildProcess) => void): Promise<Outcome> {
  return runIn(sandbox, name, args, started);
}

function runIn(
  { env: given }: Sandbox,
  name: string,
  args: string[],
  started?: (child: ChildProcess) => void,
): Promise<Outcome> {
  const { CLOUDFLARE_API_TOKEN = "", CLOUDFLARE_ACCOUNT_ID = "" } = given;
  const { CLOUDFLARE_BASE_URL = "", GOOGLE_API_ENDPOINT = "", DRAWBRIDGE_SANDBOX = "" } = given;
  const env = {
    CLOUDFLARE_API_TOKEN,
    CLOUDFLARE_ACCOUNT_ID,
    CLOUDFLARE_BASE_URL,
    GOOGLE_API_ENDPOINT,
    DRAWBRIDGE_SANDBOX,
    GOOGLE_CLOUD_PROJECT: PROJECT,
  };
  return runCommand(name, ["--region", "asia-northeast1", ...args], { env, started });
}

function pool(): Pool | undefined {
  return sandbox.google.workerPools().find((each) => each.name === POOL) as Pool | undefined;
}

function pinned(): string | undefined {
  const env = pool()?.template.containers[0]?.env ?? [];
  return env.find((each) => each.name === "TUNNEL_TOKEN")?.valueSource?.secretKeyRef.version;
}

async function readers() {
  const clients = createGoogleClients({ endpoint: sandbox.google.endpoint });
  const [{ bindings }] = await clients.secrets().getIamPolicy({ resource: SECRET });
  await clients.close();
  return bindings?.map(({ role, members }) => ({ role, members }));
}

/** What others had set up before is left out. */
function tunnelsMade(): string[] {
  const { journal } = sandbox.shared;
  const made = journal
    .entries()
    .filter(({ method, path }) => method === "POST" && path.endsWith("/cfd_tunnel"));
  return made.map(({ body }) => (body as { name: string }).name);
}

function tunnelId(): string {
  const { journal } = sandbox.shared;
  const read = journal.entries().findLast(({ path }) => path.endsWith("/token"));
  return /cfd_tunnel\/([0-9a-f-]+)\/token/.exec(read?.path ?? "")?.[1] ?? "";
}

test("the plan says every step, and nothing is done", async () => {
  const planned = await run("setup", ["--plan"]);
  expect(planned).toMatchObject({ code: 0, err: "" });
  expect(planned.out.trim().split("\n")).toEqual([
    "Make the tunnel drawbridge, managed from Cloudflare's side.",
    "Make the secret drawbridge-tunnel-token in lakeside-prod.",
    "Put the tunnel's token into a new version of the secret drawbridge-tunnel-token. It is not shown.",
    "Let the connectors' service account read the secret drawbridge-tunnel-token.",
    "Make the worker pool drawbridge-cloudflared in asia-northeast1, with version 1 of the token.",
    "Wait for connectors to register with Cloudflare: 0 of 2.",
  ]);
  expect(tunnelsMade()).toEqual([]);
  expect(pool()).toBeUndefined();
});

test("killed again and again on the way, it ends with one of each and its connectors up", async () => {
  const { last, kills } = await killedAgainAndAgain(sandbox.shared, 5, (started) =>
    run("setup", [], started),
  );
  expect(last).toMatchObject({ code: 0, err: "" });
  expect(kills).toBeGreaterThan(1);
  expect(tunnelsMade()).toEqual(["drawbridge"]);
  const token = sandbox.cloudflare.tunnelToken(tunnelId());
  expect(sandbox.google.secretValue(SECRET, "1")).toBe(token);
  expect(sandbox.google.secretValue(SECRET, "2")).toBeNull();
  expect(pinned()).toBe("1");
  expect(await readers()).toEqual([
    {
      role: "roles/secretmanager.secretAccessor",
      members: [`serviceAccount:drawbridge-cloudflared@${PROJECT}.iam.gserviceaccount.com`],
    },
  ]);
  const wrote = sandbox.shared.journal.entries().map(({ method }) => method);
  expect(wrote.indexOf("SetIamPolicy")).toBeGreaterThan(-1);
  expect(wrote.indexOf("SetIamPolicy")).toBeLessThan(wrote.indexOf("CreateWorkerPool"));
  expect(sandbox.cloudflare.connectors.of(tunnelId())).toHaveLength(2);
  expect(last.out).toContain(`tunnels: [{ id: ${tunnelId()}, zones: [YOUR_ZONE]`);
  expect(last.out + last.err).not.toContain(token);
});

test("all of it there: it says so, and writes nothing", async () => {
  sandbox.shared.journal.clear();
  const again = await run("setup");
  expect(again.code).toBe(0);
  expect(again.out).toContain("The tunnel drawbridge runs.");
  const written = sandbox.shared.journal
    .entries()
    .filter(({ vendor, method }) =>
      vendor === "google" ? !/^(Get|List|Access)/.test(method) : method !== "GET",
    );
  expect(written).toEqual([]);
  expect((await run("setup", ["--plan"])).out).toBe("Nothing is to be done: all of it stands.\n");
});

test("a new token, killed on the way: one rotation, and at no moment no connector", async () => {
  const { cloudflare, google } = sandbox;
  const before = cloudflare.tunnelToken(tunnelId());
  const old = cloudflare.connectors.of(tunnelId()).map(({ id }) => id);
  let fewest = old.length;
  const off = cloudflare.onChange(({ kind }) => {
    if (kind === "connectors") fewest = Math.min(fewest, cloudflare.connectors.of(tunnelId()).length);
  });
  // Killed once in the middle: a run that is begun after it all came to an end would rotate once more.
  await run("rotate-token", [], (child) => {
    sandbox.shared.journal.onWrite(({ method }) => {
      if (method === "AddSecretVersion") child.kill("SIGKILL");
    });
  });
  const rotated = await run("rotate-token");
  off();
  expect(rotated).toMatchObject({ code: 0, err: "" });
  const token = cloudflare.tunnelToken(tunnelId());
  expect(token).not.toBe(before);
  expect(google.secretValue(SECRET, "2")).toBe(token);
  expect(google.secretValue(SECRET, "1")).toBeNull();
  expect(pinned()).toBe("2");
  const now = cloudflare.connectors.of(tunnelId()).map(({ id }) => id);
  expect(now).toHaveLength(2);
  expect(now.filter((id) => old.includes(id))).toEqual([]);
  expect(fewest).toBeGreaterThanOrEqual(1);
  expect(rotated.out).toContain("runs with its new token");
  expect(rotated.out).not.toContain(token);
});

test("a pool whose revision somebody named rotates too", async () => {
  const revision = "drawbridge-cloudflared-blue";
  const before = pinned() ?? "";
  sandbox.google.setWorkerPool(POOL, { template: { ...pool()?.template, revision } });
  const rotated = await run("rotate-token");
  expect(rotated).toMatchObject({ code: 0, err: "" });
  expect(pinned()).toBe(String(Number(before) + 1));
  expect(sandbox.google.secretValue(SECRET, before)).toBeNull();
});

test("a right that lacks and a wrong word are told with what to do", async () => {
  const { shared } = sandbox;
  shared.faults.add({
    vendor: "google",
    method: "ListSecretVersions",
    times: 0,
    effect: { kind: "status", status: 7 },
  });
  const denied = await run("setup");
  shared.faults.clear();
  expect(denied).toMatchObject({ code: 1, out: "" });
  expect(denied.err).toBe(
    "You may not do that to the secret drawbridge-tunnel-token of lakeside-prod. It takes roles/secretmanager.viewer.\n",
  );
  const wrong = await run("setup", ["--image", "cloudflare/cloudflared:latest", "--instances", "40"]);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("--image must name a version: latest moves");
  expect(wrong.err).toContain("--instances must be 1 to 25");
  const elsewhere = await run("setup", ["--drop-others"]);
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.err).toContain("--drop-others is for rotate-token");
});

test("a revision that failed is made anew by the next run, which ends where it fails again", async () => {
  const failure = { reason: "HEALTH_CHECK_CONTAINER_ERROR", message: "The probe failed." } as never;
  const { google } = sandbox;
  google.deployWorkerPool(POOL, failure);
  const said = "Make a new revision of the worker pool drawbridge-cloudflared: the newest one failed.\n";
  expect((await run("setup", ["--plan"])).out).toContain(said);
  const off = sandbox.shared.journal.onWrite(({ method }) => {
    if (method !== "UpdateWorkerPool") return;
    off();
    google.deployWorkerPool(POOL, failure);
  });
  const failed = await run("setup");
  expect(failed.code).toBe(1);
  expect(failed.out).toContain(said);
  expect(failed.err).toContain("The worker pool drawbridge-cloudflared did not come up: The probe failed.");
  const mended = await run("setup");
  expect(mended).toMatchObject({ code: 0, err: "" });
  expect(mended.out).toContain(said);
});

test("what an organization policy forbids is told as that, with a way on", async () => {
  const { faults } = sandbox.shared;
  const names = ["--tunnel", "governed", "--secret", "governed-token", "--pool", "governed"];
  const forbidden = async (method: string) => {
    faults.add({ vendor: "google", method, times: 0, effect: { kind: "status", status: 9 } });
    const { code, err } = await run("setup", names);
    faults.clear();
    expect(code).toBe(1);
    return err;
  };
  const secret = await forbidden("CreateSecret");
  expect(secret).toContain("constraints/gcp.resourceLocations");
  expect(secret).toContain(
    "gcloud secrets create governed-token --project=lakeside-prod --replication-policy=user-managed --locations=",
  );
  expect(await forbidden("CreateWorkerPool")).toContain("gcloud org-policies list --project=lakeside-prod");
  expect(await run("setup", names)).toMatchObject({ code: 0, err: "" });
});

test("the sandbox's own tunnel rotates: its processes start anew with the new token, one after the other", async () => {
  const processes = await startSandbox({ bot: false, cloudflared: { timeScale: 0.02 } });
  onTestFinished(() => processes.stop());
  const { cloudflare, seed } = processes;
  const [tunnel] = seed.cloudflare.tunnels;
  const id = tunnel?.id ?? "";
  const before = cloudflare.tunnelToken(id);
  const old = cloudflare.connectors.of(id).map((each) => each.id);
  const names = ["--tunnel", "cloud-run", "--secret", "cloudflared-tunnel-token", "--pool", "cloudflared"];
  const rotated = await runIn(processes, "rotate-token", names);
  expect(rotated).toMatchObject({ code: 0, err: "" });
  expect(cloudflare.tunnelToken(id)).not.toBe(before);
  const now = cloudflare.connectors.of(id).map((each) => each.id);
  expect(now).toHaveLength(2);
  expect(now.filter((each) => old.includes(each))).toEqual([]);
});
