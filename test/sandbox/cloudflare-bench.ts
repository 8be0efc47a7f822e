// A small Cloudflare account for the emulator's own tests, with the real SDK pointed at it.
import { request } from "node:http";
import Cloudflare from "cloudflare";
import { afterAll, expect, onTestFinished } from "vitest";
import { createClock } from "../../sandbox/clock.ts";
import { cloudflareCoverage } from "../../sandbox/cloudflare/coverage.ts";
import { type CloudflareOptions, startCloudflare } from "../../sandbox/cloudflare/index.ts";
import { endpointFor } from "../../sandbox/cloudflare/router.ts";
import type { Seed, Shared } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { createJournal } from "../../sandbox/journal.ts";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const ZONE = "fedcba9876543210fedcba9876543210";
export const TUNNEL = "11111111-1111-4111-8111-111111111111";
export const HOST = "billing.example.com";
export const SERVICE_HOST = "billing-123.asia-northeast1.run.app";

export const SEED: Seed["cloudflare"] = {
  accountId: ACCOUNT,
  apiToken: "sandbox-token",
  team: "drawbridge",
  zones: [{ id: ZONE, name: "example.com" }],
  tunnels: [{ id: TUNNEL, name: "tunnel", connectors: 2 }],
  groups: [{ id: "group-1", name: "Leads", include: [{ email: { email: "lee@example.com" } }] }],
  propagationMs: 0,
  connectorDelayMs: 0,
};

/** The service answers for its own host; Google's 404 for every other. */
function runApp(host: string, path: string): ReturnType<CloudflareOptions["origin"]> {
  if (host === SERVICE_HOST)
    return { status: 200, headers: { "content-type": "text/plain" }, body: `billing ${path}` };
  return { status: 404, headers: {}, body: "404. That’s an error." };
}

/** Endpoints that answered with success to a test of this file. */
const exercised = new Set<string>();

// Each file answers for what the coverage table says of it, if all of its tests ran.
// biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern and takes no other parameter here
afterAll(({}, file) => {
  const testPath = expect.getState().testPath ?? "";
  if (tasksOf(file).some((task) => task.result?.state !== "pass")) return;
  const rows = cloudflareCoverage.filter((row) => testPath.endsWith(row.test));
  expect(rows.map((row) => row.endpoint).filter((endpoint) => !exercised.has(endpoint))).toEqual([]);
});

type Task = Parameters<Parameters<typeof afterAll>[0]>[1]["tasks"][number];

function tasksOf(suite: { tasks: Task[] }): Task[] {
  return suite.tasks.flatMap((task) => (task.type === "suite" ? tasksOf(task) : [task]));
}

export async function openBench(
  change: Partial<Seed["cloudflare"]> = {},
  options: Partial<CloudflareOptions> = {},
) {
  const shared: Shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const emulator = await startCloudflare(shared, { ...SEED, ...change }, { origin: runApp, ...options });
  onTestFinished(() => emulator.close());
  shared.journal.onWrite(({ vendor, method, path, status }) => {
    const endpoint = vendor === "cloudflare" ? endpointFor(emulator.endpoints, method, path) : null;
    if (endpoint && status >= 200 && status < 300) exercised.add(endpoint);
  });
  return { shared, emulator, client: clientOf(emulator.apiUrl), ...worker(emulator.apiUrl) };
}

/** A hostname that is routed without a lock, so that only Access stands in front of the service. */
export async function openRoad(hostname = HOST, change: Parameters<typeof openBench>[0] = {}) {
  const bench = await openBench(change);
  await bench.point(hostname);
  const protect = async (body: Record<string, unknown>, domain = hostname) => bench.protect(domain, body);
  const road = () => bench.route(ruleTo(hostname));
  return { ...bench, protect, road };
}

export function clientOf(baseURL: string, apiToken = SEED.apiToken) {
  return new Cloudflare({ apiToken, baseURL, maxRetries: 0, timeout: 2000 });
}

/** What the bot would do, in the SDK's words. */
function worker(apiUrl: string) {
  const client = clientOf(apiUrl);
  const account_id = ACCOUNT;
  return {
    async protect(hostname: string, body: Record<string, unknown> = {}) {
      const made = await client.zeroTrust.access.applications.create({
        account_id,
        type: "self_hosted",
        name: hostname,
        domain: hostname,
        session_duration: "1h",
        policies: [
          { name: "people", decision: "allow", include: [{ email_domain: { domain: "example.com" } }] },
        ],
        ...body,
      } as unknown as Cloudflare.ZeroTrust.Access.ApplicationCreateParams);
      return made as { id: string; aud: string } & Record<string, unknown>;
    },
    point(name: string, comment = "drawbridge") {
      const content = `${TUNNEL}.cfargotunnel.com`;
      return client.dns.records.create({
        zone_id: ZONE,
        type: "CNAME",
        name,
        content,
        proxied: true,
        ttl: 1,
        comment,
      });
    },
    route(...rules: Record<string, unknown>[]) {
      const config = { ingress: [...rules, { service: "http_status:404" }] } as never;
      return client.zeroTrust.tunnels.cloudflared.configurations.update(TUNNEL, { account_id, config });
    },
  };
}

export function ruleTo(hostname: string, aud?: string): Record<string, unknown> {
  const lock = aud === undefined ? {} : { access: { required: true, teamName: SEED.team, audTag: [aud] } };
  return {
    hostname,
    service: `https://${SERVICE_HOST}`,
    originRequest: { httpHostHeader: SERVICE_HOST, ...lock },
  };
}

export function whats(events: { what: string }[]): string[] {
  return events.map((event) => event.what);
}

/** The status, code and class that the SDK makes of a refusal. */
export async function refusal(promise: PromiseLike<unknown>) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Cloudflare.APIError) {
      return { status: error.status, code: error.errors[0]?.code, name: error.constructor.name };
    }
    throw error;
  }
  throw new Error("the call was not refused");
}

export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of list) found.push(each);
  return found;
}

/** One HTTP request to the edge, as a browser or a probe sends it. */
export function overHttp(
  edgeUrl: string,
  hostname: string,
  path = "/",
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${edgeUrl}${path}`,
      { method: options.method ?? "GET", headers: { ...options.headers, host: hostname } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
        answer.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}
