// What the stand-in prints for each fault is what the diagnosis reads there, in JSON and in text: the real lines of a real
// process, through the reader that the bot uses.
import { expect, test } from "vitest";
import type { Cloudflare } from "../../sandbox/cloudflare/index.ts";
import type { NetworkState } from "../../sandbox/cloudflare/network.ts";
import { diagnosisOf } from "../domain/diagnosis-scripts.ts";
import { STATUS, type StandIn, startEdge, startStandIn, TUNNEL } from "./cloudflared-bench.ts";

const FORMATS = ["json", "default"] as const;
const UP = /Registered tunnel connection/;

type Start = { env?: Record<string, string>; args?: string[]; network?: Partial<NetworkState> };

/** One stand-in for each format, side by side. */
async function start({ env, args, network = {} }: Start): Promise<{ edge: Cloudflare; both: StandIn[] }> {
  const edge = await startEdge();
  edge.network.set(network);
  const both = await Promise.all(
    FORMATS.map((format) => startStandIn(edge, { ...env, TUNNEL_LOG_OUTPUT: format }, args)),
  );
  return { edge, both };
}

async function say(both: StandIn[], pattern: RegExp, times?: number): Promise<void> {
  await Promise.all(both.map((each) => each.says(pattern, times)));
}

function causes(both: StandIn[]): [cause: string, severity: string][][] {
  return both.map((each) =>
    diagnosisOf(each.stderr() + each.stdout()).map(({ cause, severity }) => [cause, severity]),
  );
}

function same<Found>(found: Found): Found[] {
  return [found, found];
}

test("all is well: four connections, the configuration, and nothing to report", async () => {
  const { both } = await start({});
  await say(both, UP, 4);
  await say(both, /Updated to new configuration/);
  await say(both, /precheck complete/);
  expect(causes(both)).toEqual(same([]));
});

test("QUIC blocked and pinned: it tries for ever", async () => {
  const env = { TUNNEL_TRANSPORT_PROTOCOL: "quic" };
  const { edge, both } = await start({ env, network: { quic: "blocked" } });
  await say(both, /Failed to dial a quic connection/, 10);
  expect(both[0]?.stderr()).not.toMatch(/fallback/);
  expect(causes(both)).toEqual(same([["quic-blocked", "critical"]]));
  edge.network.set({ quic: "open" });
  await say(both, UP, 4);
  expect(causes(both)).toEqual(same([]));
});

test("QUIC blocked and nothing chosen: it falls back after the ninth dial, and that is still worth a word", async () => {
  const { both } = await start({ env: { TUNNEL_TRANSPORT_PROTOCOL: "" }, network: { quic: "blocked" } });
  await say(both, UP, 4);
  await say(both, /precheck complete/);
  for (const each of both) {
    expect(each.stderr().match(/Failed to dial a quic connection/g)).toHaveLength(9);
    expect(each.stderr()).toMatch(
      /If this log occurs persistently[\s\S]*Switching to fallback protocol http2/,
    );
  }
  expect(causes(both)).toEqual(same([["quic-blocked", "medium"]]));
});

test("QUIC worked and is cut: nothing falls back any more", async () => {
  const { edge, both } = await start({ env: { TUNNEL_TRANSPORT_PROTOCOL: "auto" } });
  await say(both, UP, 4);
  edge.network.set({ quic: "blocked" });
  await say(both, /Connection terminated/, 4);
  await say(both, /Failed to dial a quic connection/, 12);
  expect(both[0]?.stderr()).not.toMatch(/Switching to fallback/);
  expect(causes(both)).toEqual(same([["quic-blocked", "critical"]]));
});

test("port 7844 blocked altogether", async () => {
  const { both } = await start({ network: { quic: "blocked", http2: "blocked" } });
  await say(both, /Unable to establish connection with Cloudflare edge/, 3);
  await say(both, /precheck complete.*hard_fail|hard_fail.*precheck complete/);
  expect(causes(both)).toEqual(same([["tcp-7844-blocked", "critical"]]));
});

test("HTTP/2 worked and port 7844 is blocked: each connection tries in vain", async () => {
  const { edge, both } = await start({});
  await say(both, UP, 4);
  edge.network.set({ quic: "blocked", http2: "blocked" });
  await say(both, /Unable to establish connection with Cloudflare edge/, 8);
  expect(causes(both)).toEqual(same([["tcp-7844-blocked", "critical"]]));
});

test.each(["http2", "quic"])("a token of an older secret, over %s", async (protocol) => {
  const edge = await startEdge();
  const { a, t } = JSON.parse(Buffer.from(edge.tunnelToken(TUNNEL), "base64").toString());
  const TUNNEL_TOKEN = Buffer.from(JSON.stringify({ a, t, s: "b2xk" })).toString("base64");
  const { both } = await start({ env: { TUNNEL_TOKEN, TUNNEL_TRANSPORT_PROTOCOL: protocol } });
  await say(both, /Unauthorized: Invalid tunnel secret/, 3);
  expect(causes(both)).toEqual(same([["token-rejected", "critical"]]));
});

test.each([
  ["quotes around the token", { TUNNEL_TOKEN: '"eyJhIjoi"' }, "token-malformed", 255],
  ["no token", { TUNNEL_TOKEN: "" }, "token-malformed", 255],
  [
    "a token file that is not there",
    { TUNNEL_TOKEN: "", TUNNEL_TOKEN_FILE: "/nowhere/token" },
    "token-malformed",
    255,
  ],
])("%s: it ends at once", async (_, env, cause, code) => {
  const { both } = await start({ env });
  expect(await Promise.all(both.map((each) => each.ended()))).toEqual(same(code));
  expect(causes(both)).toEqual(same([[cause, "critical"]]));
});

test("a flag in the wrong place ends with code 0, and there is no tunnel", async () => {
  const { both } = await start({ args: ["tunnel", "run", "--metrics", "127.0.0.1:1"] });
  expect(await Promise.all(both.map((each) => each.ended()))).toEqual(same(0));
  expect(both[0]?.stdout()).toContain("Incorrect Usage: flag provided but not defined: -metrics");
  expect(causes(both)).toEqual(same([["bad-flags", "critical"]]));
});

test("the edge's names do not resolve: it gives up", async () => {
  const { both } = await start({ network: { dns: "broken" } });
  expect(await Promise.all(both.map((each) => each.ended()))).toEqual(same(1));
  expect(causes(both)).toEqual(same([["edge-dns", "critical"]]));
});

test("a metrics address that is taken", async () => {
  const edge = await startEdge();
  const first = await startStandIn(edge);
  await first.says(UP);
  const second = await startStandIn(edge, { TUNNEL_METRICS: first.metrics });
  expect(await second.ended()).toBe(1);
  expect(causes([second])).toEqual([[["bad-flags", "critical"]]]);
});

test("connections lost again and again", async () => {
  const { edge, both } = await start({});
  await say(both, UP, 4);
  for (let round = 1; round <= 3; round++) {
    // The same line twice within one second is one line that a log shipper delivered twice.
    const second = Math.floor(Date.now() / 1000);
    await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(second);
    expect(edge.dropConnections(TUNNEL, 8)).toBe(8);
    await say(both, UP, 4 + 4 * round);
  }
  expect(causes(both)).toEqual(same([["h2-flap", "medium"]]));
});

test("one connection lost is no fault, and comes back", async () => {
  const { edge, both } = await start({});
  await say(both, UP, 4);
  edge.dropConnections(TUNNEL, 1);
  await expect
    .poll(() =>
      both
        .map((each) => each.stderr())
        .join("")
        .match(/Registered tunnel/g),
    )
    .toHaveLength(9);
  expect(causes(both)).toEqual(same([]));
});

test.each([
  ["dns", "origin-dns"],
  ["timeout", "origin-unreachable"],
  ["refused", "origin-refused"],
  ["tls", "origin-tls"],
] as const)(
  "a request whose origin fails (%s) is printed by the connector that had it",
  async (fault, cause) => {
    const { edge, both } = await start({ network: { origin: fault } });
    edge.addRecord(zone(), {
      type: "CNAME",
      name: STATUS,
      content: `${TUNNEL}.cfargotunnel.com`,
      proxied: true,
    });
    await say(both, /Updated to new configuration/);
    await expect.poll(async () => (await edge.visit(STATUS)).status).toBe(502);
    expect((await edge.visit(STATUS)).verdict).toBe("origin refused");
    await say(both, /Unable to reach the origin service/);
    expect(causes(both)).toEqual(same([[cause, "high"]]));
  },
);

test("a route without its Host header leaves no line but the configuration's own", async () => {
  const { edge, both } = await start({});
  await say(both, /Updated to new configuration/);
  const { config } = edge.tunnelConfig(TUNNEL);
  const [rule, last] = config.ingress as Record<string, unknown>[];
  edge.putConfig(TUNNEL, { ...config, ingress: [{ ...rule, originRequest: {} }, last] });
  await say(both, /Updated to new configuration/, 2);
  expect(both[0]?.stderr()).not.toMatch(/"level":"(error|fatal)"/);
  expect(causes(both)).toEqual(same([["origin-host", "high"]]));
});

function zone(): string {
  return "5f2c1d7a9be04c6f8a3d0e1b6c7f9a24";
}
