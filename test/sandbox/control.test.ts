// The control address: everything that the page does, a script can do; bad input is answered, never half done.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PageState } from "../../sandbox/page/state.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";

const STATUS = "status.lakeside.example";
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ bot: false });
});
afterAll(() => sandbox.stop());

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; json: never }> {
  const sent = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`${sandbox.url}${path}`, { method, body: sent });
  return { status: response.status, json: (await response.json()) as never };
}

async function stateAs(person: string): Promise<PageState> {
  return (await call("GET", `/state?as=${person}`)).json;
}

test("the page and its files come from the control address alone", async () => {
  const page = await fetch(`${sandbox.url}/`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].flatMap(([, url]) =>
    url && !url.startsWith("data:") ? [url] : [],
  );
  expect(assets.length).toBeGreaterThan(1);
  for (const asset of assets) expect((await fetch(`${sandbox.url}${asset}`)).status).toBe(200);
});

test.each([
  ["POST", "/time", { forwardSeconds: -1 }, /forwardSeconds/],
  ["POST", "/time", "{not json", /not JSON/],
  ["POST", "/faults", { vendor: "acme", effect: { kind: "drop" } }, /vendor/],
  ["POST", "/faults", { vendor: "slack", path: "(", effect: { kind: "drop" } }, /regular expression/],
  ["POST", "/faults", { vendor: "slack", effect: { kind: "explode" } }, /effect/],
  ["POST", "/slack/command", { user: "nobody", channel: "general", text: "" }, /no such person: nobody/],
  ["POST", "/slack/say", { user: "asha", channel: "bridge-alerts-2", text: "x" }, /no such channel/],
  ["POST", "/slack/act", { user: "asha", target: { viewId: "V1" }, action: { actionId: "a" } }, /no view V1/],
  ["POST", "/slack/submit", { user: "asha", viewId: "V1", values: { a: 1 } }, /values/],
  ["POST", "/slack/archive", { channel: "none" }, /no such channel/],
  ["POST", "/slack/replay", { back: 99 }, /not sent 99 envelopes/],
  ["POST", "/slack/sockets", { action: "shout" }, /action/],
  ["POST", "/edge/visit", { hostname: STATUS, as: "guest", extra: 1 }, /extra/],
  ["POST", "/cloudflare/delete-application", { id: "none" }, /no application none/],
  ["POST", "/cloudflare/connectors", { tunnelId: "none", count: 1 }, /no tunnel none/],
  ["GET", "/edge/history", undefined, /hostname is missing/],
  ["GET", "/journal?vendor=acme", undefined, /vendor is one of/],
  ["GET", "/state?as=nobody", undefined, /no such person/],
  ["GET", "/nothing", undefined, /nothing at GET \/nothing/],
])("%s %s refuses what is wrong and says what", async (method, path, body, words) => {
  const answer = await call(method, path, body);
  expect([400, 404]).toContain(answer.status);
  expect((answer.json as { error: string }).error).toMatch(words);
});

test("another site's page cannot use it", async () => {
  const response = await fetch(`${sandbox.url}/time`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example" },
    body: JSON.stringify({ forwardSeconds: 60 }),
  });
  expect(response.status).toBe(403);
});

test("people, channels and text go by name, and others see the message", async () => {
  await call("POST", "/slack/say", { user: "asha", channel: "#bridge-approvals", text: "hello" });
  const seen = (await call("GET", "/slack/channels/bridge-approvals/messages?as=lee")).json as {
    text: string;
  }[];
  expect(seen.map((message) => message.text)).toEqual(["hello"]);
  const lee = await stateAs("Lee");
  expect(lee.channels.find((channel) => channel.name === "bridge-approvals")?.messages).toHaveLength(1);
  for (const outsider of ["guest", "sam"])
    expect((await stateAs(outsider)).channels.map((channel) => channel.name)).not.toContain("bridge-alerts");
});

test("a command without a bot fails as Slack fails it", async () => {
  const { status, json } = await call("POST", "/slack/command", {
    user: "asha",
    channel: "general",
    text: "/expose billing-api",
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({ outcome: "failed", because: "no-connection" });
});

test("faults are armed, listed, hit and taken away; the journal shows what they did", async () => {
  await call("DELETE", "/journal");
  const effect = { kind: "status", status: 503 };
  const { id } = (await call("POST", "/faults", { vendor: "cloudflare", path: "cfd_tunnel", effect }))
    .json as {
    id: string;
  };
  const url = `${sandbox.env.CLOUDFLARE_BASE_URL}/accounts/${sandbox.env.CLOUDFLARE_ACCOUNT_ID}/cfd_tunnel`;
  const headers = { authorization: `Bearer ${sandbox.env.CLOUDFLARE_API_TOKEN}` };
  expect((await fetch(url, { headers })).status).toBe(503);
  expect((await fetch(url, { headers })).status).toBe(200);
  expect((await call("GET", "/faults")).json).toMatchObject([{ id, hits: 1 }]);
  expect((await call("DELETE", `/faults/${id}`)).status).toBe(200);
  expect((await call("DELETE", `/faults/${id}`)).status).toBe(404);

  const lines = (await (await fetch(`${sandbox.url}/journal?vendor=cloudflare`)).text()).trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as { status: number; fault?: string; method: string });
  expect(entries.map(({ status, fault }) => [status, fault])).toEqual([
    [503, "status"],
    [200, undefined],
  ]);
  expect(await (await fetch(`${sandbox.url}/journal?vendor=slack`)).text()).toBe("");
});

/** cloudflared keeps the visitor's Host, which Cloud Run does not know, unless the route names another. */
async function giveStatusPageItsHost(): Promise<void> {
  const [tunnel] = (await stateAs("asha")).cloudflare.tunnels;
  const [rule] = tunnel?.rules ?? [];
  const config = {
    ingress: [
      {
        hostname: STATUS,
        service: rule?.service,
        originRequest: { httpHostHeader: rule?.service.replace("https://", "") },
      },
      { service: "http_status:404" },
    ],
  };
  expect((await call("POST", "/cloudflare/config", { tunnelId: tunnel?.id, config })).status).toBe(200);
}

test("a stranger and a person visit; the history keeps both", async () => {
  expect((await call("POST", "/edge/visit", { hostname: STATUS })).json).toMatchObject({
    verdict: "stopped by Access",
  });
  await giveStatusPageItsHost();
  const asAsha = async () => (await call("POST", "/edge/visit", { hostname: STATUS, as: "asha" })).json;
  await expect.poll(asAsha).toMatchObject({ verdict: "reached the service", status: 200 });
  const history = (await call("GET", `/edge/history?hostname=${STATUS}`)).json as { what: string }[];
  expect(history.map((event) => event.what)).toContain("stranger stopped by Access");
  const hosts = (await call("GET", "/edge/hosts")).json as { hostname: string; hole: unknown }[];
  expect(hosts.find((host) => host.hostname === STATUS)).toMatchObject({ hole: null });
});

test("other people's hands reach Cloudflare, and the state tells", async () => {
  const [tunnel] = (await stateAs("asha")).cloudflare.tunnels;
  await call("POST", "/cloudflare/connectors", { tunnelId: tunnel?.id, count: 1 });
  expect((await stateAs("asha")).cloudflare.tunnels[0]?.connectors).toBe(1);
  const [application] = (await stateAs("asha")).cloudflare.applications;
  await call("POST", "/cloudflare/delete-application", { id: application?.id });
  expect((await stateAs("asha")).cloudflare.applications).toEqual([]);
  expect((await stateAs("asha")).hosts.find((host) => host.hostname === STATUS)).toBeDefined();
});

test("the clock streams its offset at once and at every change", async () => {
  const stream = await fetch(`${sandbox.url}/clock`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(JSON.parse((await reader?.read())?.value ?? "")).toEqual({ offsetMs: 0 });
  await call("POST", "/time", { forwardSeconds: 3600 });
  expect(JSON.parse((await reader?.read())?.value ?? "")).toEqual({ offsetMs: 3_600_000 });
  await reader?.cancel();
  const { now } = (await call("GET", "/time")).json as { now: string };
  expect(Date.parse(now)).toBeGreaterThan(Date.now() + 3_500_000);
});

test("events tell an open page what changed", async () => {
  const stream = await fetch(`${sandbox.url}/events`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('"hello"');
  await call("POST", "/slack/say", { user: "tom", channel: "random", text: "hi" });
  expect((await reader?.read())?.value).toMatch(/"kind":"slack".*|"C0RANDOM"/);
  await reader?.cancel();
});
