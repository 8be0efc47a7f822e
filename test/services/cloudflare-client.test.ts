// The SDK as we use it: what goes out, which answers are believed, and that lists are whole.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { CloudflareClient } from "../../src/services/cloudflare-client.ts";
import { ACCOUNT, clientTo, failureOf } from "./cloudflare-account.ts";

type Seen = { url: URL; headers: IncomingHttpHeaders };

async function serve(answer: (page: number, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://api.invalid");
    seen.push({ url, headers: request.headers });
    answer(Number(url.searchParams.get("page") ?? "1"), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4` };
}

function say(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function listApps(client: CloudflareClient) {
  return client.list("apps", 2, (page, options) =>
    client.api.zeroTrust.access.applications.list({ account_id: ACCOUNT, ...page }, options),
  );
}

function getOrganization(client: CloudflareClient) {
  return client.call("organization", (options) =>
    client.api.zeroTrust.organizations.list({ account_id: ACCOUNT }, options),
  );
}

const ids = (...names: string[]) => names.map((id) => ({ id }));

test("only our token goes out, whatever the environment holds, and always to the same version of the API", async () => {
  vi.stubEnv("CLOUDFLARE_API_KEY", "key-of-somebody");
  vi.stubEnv("CLOUDFLARE_EMAIL", "somebody@example.com");
  vi.stubEnv("CLOUDFLARE_API_USER_SERVICE_KEY", "service-key");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { seen, baseURL } = await serve((_, response) =>
    say(response, { success: true, result: { name: "x" } }),
  );
  await getOrganization(clientTo(baseURL));
  const { headers } = seen[0]!;
  expect(headers.authorization).toBe("Bearer sandbox-token");
  expect(headers["api-version"]).toBe("2026-10-02");
  expect(["x-auth-key", "x-auth-email", "x-auth-user-service-key"].map((name) => headers[name])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("what is left of the token's calls is told as last heard", async () => {
  const { baseURL } = await serve((_, response) =>
    say(response, { success: true, result: {} }, { ratelimit: '"default";r=50;t=30' }),
  );
  const client = clientTo(baseURL);
  expect(client.callsLeft()).toBeNull();
  await getOrganization(client);
  expect(client.callsLeft()).toBe(50);
});

test("an answer that stops in mid-body ends at the time limit", async () => {
  const { baseURL } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"success":');
  });
  expect(await failureOf(getOrganization(clientTo(baseURL, { timeoutMs: 60 })))).toMatchObject({
    kind: "retry",
    code: "timeout",
  });
});

test.each([
  ["", "nothing"],
  ["<html>", "a page"],
  ["null", "null"],
  ['{"success":true,"result":null}', "no result"],
  ['{"success":false,"result":{"id":"x"}}', "no success"],
])("a 200 with %j is no answer", async (body) => {
  const { baseURL } = await serve((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(body);
  });
  expect(await failureOf(getOrganization(clientTo(baseURL)))).toMatchObject({
    kind: "retry",
    code: "nonsense",
  });
});

test("a server that gives fewer at a time than asked is read to its end", async () => {
  const pages = [ids("a"), ids("b"), ids("c")];
  const { baseURL, seen } = await serve((page, response) =>
    say(response, { success: true, result: pages[page - 1] ?? [], result_info: { total_count: 3 } }),
  );
  expect((await listApps(clientTo(baseURL))).map((each) => each.id)).toEqual(["a", "b", "c"]);
  expect(seen).toHaveLength(3);
});

test.each([{ total_count: 4 }, {}])(
  "a server that ignores the page fails the list: %o",
  async (result_info) => {
    const { baseURL, seen } = await serve((_, response) =>
      say(response, { success: true, result: ids("a", "b"), result_info }),
    );
    expect(await failureOf(listApps(clientTo(baseURL)))).toMatchObject({ kind: "retry", code: "nonsense" });
    expect(seen.length).toBeLessThan(4);
  },
);

test("without a count a page that is not full ends the list", async () => {
  const pages = [ids("a", "b"), ids("c")];
  const { baseURL } = await serve((page, response) =>
    say(response, { success: true, result: pages[page - 1] ?? [] }),
  );
  expect(await listApps(clientTo(baseURL))).toHaveLength(3);
});

test.each([
  [{ success: true, result: {} }],
  [{ success: true, result: [{ name: "no id" }] }],
  [{ success: true, result: ["a"] }],
])("what is no list of things with ids fails: %o", async (body) => {
  const { baseURL } = await serve((_, response) => say(response, body));
  expect(await failureOf(listApps(clientTo(baseURL)))).toMatchObject({ kind: "retry" });
});

test("one page that fails fails the list, after a bounded number of tries", async () => {
  const { baseURL, seen } = await serve((page, response) => {
    if (page === 1)
      return say(response, { success: true, result: ids("a", "b"), result_info: { total_count: 4 } });
    response.writeHead(502).end();
  });
  expect(await failureOf(listApps(clientTo(baseURL)))).toMatchObject({ kind: "retry", status: 502 });
  expect(seen).toHaveLength(4);
});

test("a shutdown ends calls and waits", async () => {
  const { baseURL, seen } = await serve((_, response) =>
    response.writeHead(429, { "retry-after": "3" }).end(),
  );
  const shutdown = new AbortController();
  const pending = failureOf(listApps(clientTo(baseURL, { signal: shutdown.signal })));
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  shutdown.abort();
  expect(await pending).toMatchObject({ kind: "retry" });
  expect(seen).toHaveLength(1);
});

test("a 429 holds every further call until its time is up", async () => {
  let asked = 0;
  const { seen, baseURL } = await serve((_, response) => {
    asked += 1;
    if (asked > 1) return say(response, { success: true, result: {} });
    response.writeHead(429, { "content-type": "application/json", "retry-after": "1" });
    response.end('{"success":false,"errors":[]}');
  });
  const client = clientTo(baseURL);
  expect(await failureOf(getOrganization(client))).toMatchObject({ status: 429, retryAfterMs: 1000 });
  const held = (await failureOf(getOrganization(client))) as { status?: number; retryAfterMs?: number };
  expect(held.status).toBe(429);
  expect(held.retryAfterMs).toBeLessThanOrEqual(1000);
  expect(seen).toHaveLength(1);
  // A read waits for its turn.
  await listApps(client).catch(() => []);
  expect(seen).toHaveLength(2);
});

test("while every call fails, a read is not repeated at once", async () => {
  let well = false;
  const { seen, baseURL } = await serve((_, response) => {
    if (well) return say(response, { success: true, result: [] });
    response.writeHead(503).end();
  });
  const client = clientTo(baseURL, { pauseMs: 1 });
  for (let turn = 0; turn < 10; turn++) await failureOf(listApps(client));
  // Three tries each until ten had failed in a row, then one each.
  expect(seen).toHaveLength(4 * 3 - 1 + 6);
  well = true;
  await listApps(client);
  well = false;
  await failureOf(listApps(client));
  expect(seen).toHaveLength(17 + 1 + 3);
});

test.each([
  [241, false],
  [239, true],
])("with %i of 1200 calls left the sweep is left out: %s", async (left, short) => {
  const headers = { ratelimit: `"default";r=${left};t=30`, "ratelimit-policy": '"default";q=1200;w=300' };
  const { baseURL } = await serve((_, response) => say(response, { success: true, result: {} }, headers));
  const client = clientTo(baseURL);
  await getOrganization(client);
  expect(client.callsAreShort()).toBe(short);
});
