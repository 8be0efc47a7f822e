// Google's own clients where credentials are wanting: none at all, or none just now.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compute, gcpMetadata } from "google-auth-library";
import { grpc, Status } from "google-gax";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../../sandbox/bot.ts";
import { callGoogle, createGoogleClients, type GoogleClients } from "../../src/services/google-clients.ts";
import { createTails } from "../../src/services/log-tail.ts";
import { asked, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

beforeEach(() => {
  vi.stubEnv("HOME", join(tmpdir(), "nobody's"));
  vi.stubEnv("CLOUDSDK_CONFIG", undefined);
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "lakeside-prod");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  // Kept for the whole process.
  gcpMetadata.resetIsAvailableCache();
});

const CALL = { operation: "run.GetService", subject: "the service billing-api", denied: "", missing: "" };

/** Google's metadata server, which tells a machine of Google's who it is. Nothing listens at its port until `start`. */
async function metadataServer(answer = (response: ServerResponse): unknown => response.end("ok")) {
  const server = createServer((_, response) => {
    response.setHeader("metadata-flavor", "Google");
    answer(response);
  });
  onTestFinished(() => void server.close());
  const port = await freePort();
  return { port, start: () => once(server.listen(port, "127.0.0.1"), "listening") };
}

const ask = (clients: GoogleClients, timeoutMs = 5_000) =>
  callGoogle(clients, { ...CALL, timeoutMs }, clients.services, async () => "came as far as the call");

test("without credentials a call fails once, as a failure that says what to do, and closing does not", async () => {
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  const clients = createGoogleClients({});
  const failure = await failureOf(ask(clients));
  expect(failure.kind).toBe("denied");
  expect(failure.message).toContain("gcloud auth application-default login");
  clients
    .secrets()
    .initialize()
    .catch(() => undefined);
  await clients.close();
});

test("credentials that come late are found by the next call", async () => {
  const { port, start } = await metadataServer();
  vi.stubEnv("GCE_METADATA_HOST", `127.0.0.1:${port}`);
  const clients = createGoogleClients({});
  expect(await failureOf(ask(clients))).toMatchObject({ kind: "denied" });
  await start();
  expect(await ask(clients)).toBe("came as far as the call");
  await clients.close();
});

test("credentials that are not found in time may come later", async () => {
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  const { port, start } = await metadataServer((response) => awake.then(() => response.end("ok")));
  await start();
  vi.stubEnv("GCE_METADATA_HOST", `127.0.0.1:${port}`);
  const clients = createGoogleClients({});
  const failure = await failureOf(ask(clients, 100));
  expect(failure).toMatchObject({ kind: "retry", code: Status.DEADLINE_EXCEEDED });
  wake();
});

test("without credentials the log is not followed, and nothing else breaks", async () => {
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  const clients = createGoogleClients({});
  const tails = createTails(clients, [{ project: "p", resourceNames: ["projects/p"], filter: "" }]);
  tails.follow("p");
  tails.listed("p");
  expect(tails.unlistedMs("p")).toBeLessThan(60_000);
  await expect.poll(() => tails.unlistedMs("p")).toBe(Number.POSITIVE_INFINITY);
  tails.close();
  await clients.close();
});

test.each([
  [503, "retry", "Try again in a minute"],
  [429, "retry", "Try again in a minute"],
  [403, "denied", "Google does not know who Drawbridge is"],
  [404, "denied", "Google does not know who Drawbridge is"],
])("a token that the metadata server refuses with %i is told as %s", async (status, kind, words) => {
  const world = await startGoogleWorld();
  onTestFinished(() => world.close());
  const { port, start } = await metadataServer((response) => response.writeHead(status).end());
  await start();
  vi.stubEnv("GCE_METADATA_HOST", `127.0.0.1:${port}`);
  const credentials = grpc.credentials.createFromGoogleCredential(new Compute() as never);
  const name = "projects/lakeside-prod/locations/asia-northeast1/services/ledger";
  const call = { ...CALL, timeoutMs: 20_000 };
  const failure = await failureOf(
    callGoogle(world.clients, call, world.clients.services, (services, each) =>
      services.getService({ name }, { ...each, otherArgs: { options: { credentials } } }),
    ),
  );
  expect(failure).toMatchObject({ kind, status });
  expect(failure.message).toContain(`(HTTP ${status})`);
  expect(failure.message).toContain(words);
  expect(asked(world.shared)).toEqual([]);
});

test.each([
  [{ code: "ECONNREFUSED" }, "retry", "(ECONNREFUSED)"],
  [{ code: "ETIMEDOUT" }, "retry", "(ETIMEDOUT)"],
  [{ code: "TimeoutError" }, "retry", "(TimeoutError)"],
  [{ code: "ENOENT" }, "denied", "gcloud auth application-default login"],
  [{ code: 500 }, "retry", "(HTTP 500)"],
  [{ code: 401 }, "denied", "gcloud auth application-default login"],
  [{ status: 503 }, "retry", "(HTTP 503)"],
])("credentials that fail with %o are told as %s", async (told, kind, words) => {
  const clients = createGoogleClients({ endpoint: "127.0.0.1:9" });
  const failing = () => Promise.reject(Object.assign(new Error("no token"), told));
  const failure = await failureOf(
    callGoogle(clients, { ...CALL, timeoutMs: 5_000 }, clients.services, failing),
  );
  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(words);
  await clients.close();
});
