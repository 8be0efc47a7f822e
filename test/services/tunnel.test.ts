// A tunnel's routes through the real SDK: one shared document, written whole, checked after every write.
import { expect, test } from "vitest";
import type { Route, TunnelConfig } from "../../src/domain/observed.ts";
import { type CrossedWrite, createTunnels } from "../../src/services/tunnel.ts";
import { ruleOf } from "../../src/services/tunnel-config.ts";
import { ACCOUNT, failureOf, HOST, ORIGIN_HOST, openAccount, TEAM, TUNNEL } from "./cloudflare-account.ts";

const ROUTE: Route = {
  hostname: HOST,
  service: `https://${ORIGIN_HOST}`,
  hostHeader: ORIGIN_HOST,
  lock: { required: true, teamName: TEAM, audTag: ["aud-1"] },
};
const FOREIGN = {
  hostname: "wiki.example.com",
  service: "http://localhost:80",
  originRequest: { noTLSVerify: true, unknown: [1] },
};
const DOCUMENT = {
  ingress: [
    FOREIGN,
    { hostname: "*.example.com", service: "http://localhost:81", path: "^/x" },
    { service: "http_status:404" },
  ],
  "warp-routing": { enabled: true },
  originRequest: { connectTimeout: 10 },
};
const PUT = { method: "PUT", path: "/configurations$" };

async function open(options: { putTimeoutMs?: number } = {}) {
  const account = await openAccount();
  account.cloudflare.putConfig(TUNNEL, structuredClone(DOCUMENT));
  const tunnels = createTunnels({ client: account.client, accountId: ACCOUNT, ...options });
  const base = await tunnels.readConfig(TUNNEL);
  account.shared.journal.clear();
  const crossed: CrossedWrite[] = [];
  const told = {
    answered: async () => {},
    crossed: async (write: CrossedWrite) => void crossed.push(write),
  };
  const add = async (routes = [ROUTE], on: TunnelConfig = base, meanwhile = async () => {}) => {
    const fence = async () => {
      await meanwhile();
      return true;
    };
    return (await tunnels.putRoutes(TUNNEL, { base: on, add: routes, remove: [], fence, ...told }))!;
  };
  const remove = (on: TunnelConfig) =>
    tunnels.putRoutes(TUNNEL, {
      base: on,
      add: [],
      remove: on.rules.filter((rule) => rule.hostname === HOST),
      fence: async () => true,
      ...told,
    });
  const stands = () => account.cloudflare.tunnelConfig(TUNNEL);
  return { ...account, tunnels, base, told, add, remove, stands, crossed };
}

test("adds a route in one write, reads it back beside the connectors, and takes it out again without a trace", async () => {
  const { add, remove, asked, base, stands } = await open();
  const { config: after, connectors } = await add();
  expect(after.version).toBe(base.version + 1);
  expect(connectors?.map((each) => each.configVersion)).toEqual([after.version, after.version]);
  expect(stands().config).toEqual({ ...DOCUMENT, ingress: [ruleOf(ROUTE), ...DOCUMENT.ingress] });
  const path = `…/cfd_tunnel/${TUNNEL}`;
  const [write, ...reads] = asked();
  expect(write).toBe(`PUT ${path}/configurations 200`);
  expect(reads.sort()).toEqual([`GET ${path}/configurations 200`, `GET ${path}/connections 200`]);
  expect(await remove(after)).toMatchObject({ config: { version: base.version + 2 } });
  expect(stands().config).toEqual(DOCUMENT);
});

test("connectors that cannot be read beside a write leave it done, to be asked for again", async () => {
  const { add, base, fail } = await open();
  fail({ method: "GET", path: "/connections$", times: 0, effect: { kind: "status", status: 503 } });
  expect(await add()).toMatchObject({ config: { version: base.version + 1 }, connectors: null });
});

test("nothing to change means no write and no fence", async () => {
  const { add, remove, asked, base, shared } = await open();
  expect(await remove(base)).toEqual({ config: base, connectors: null });
  const { config: after } = await add();
  shared.journal.clear();
  expect(await add([ROUTE], after, () => Promise.reject(new Error("fence")))).toMatchObject({
    config: after,
  });
  expect(asked()).toEqual([]);
});

test("the fence stops the write at the last moment", async () => {
  const { tunnels, add, base, told, asked, stands } = await open();
  const change = { base, add: [ROUTE], remove: [], ...told };
  expect(await tunnels.putRoutes(TUNNEL, { ...change, fence: async () => false })).toBeNull();
  await expect(add([ROUTE], base, () => Promise.reject(new Error("the store is away")))).rejects.toThrow(
    "the store is away",
  );
  expect(asked()).toEqual([]);
  expect(stands().config).toEqual(DOCUMENT);
});

test("somebody else's write between our read and our write is told", async () => {
  const { add, cloudflare, base, stands, crossed } = await open();
  const theirs = { ...DOCUMENT, "warp-routing": { enabled: false } };
  const moved = await failureOf(add([ROUTE], base, async () => cloudflare.putConfig(TUNNEL, theirs)));
  expect(moved).toMatchObject({ kind: "conflict", code: "moved" });
  expect(moved.message).toContain(`version ${base.version + 2} stands there instead of ${base.version + 1}`);
  expect(stands().version).toBe(base.version + 2);
  expect(crossed).toMatchObject([{ base, found: { version: base.version + 2 }, overwritten: true }]);
});

test("somebody else's write in the place of ours is told, and merged with ours the next time", async () => {
  const { add, cloudflare, base, fail, tunnels, stands, crossed } = await open();
  const theirs = {
    ...DOCUMENT,
    ingress: [{ hostname: "new.example.com", service: "http://localhost:9" }, ...DOCUMENT.ingress],
  };
  fail({ ...PUT, effect: { kind: "drop" } });
  const moved = await failureOf(add([ROUTE], base, async () => cloudflare.putConfig(TUNNEL, theirs)));
  expect(moved).toMatchObject({ kind: "conflict", code: "moved" });
  expect(moved.message).toContain(HOST);
  // Ours never came to stand: nothing crossed.
  expect(crossed).toEqual([]);
  await add([ROUTE], await tunnels.readConfig(TUNNEL));
  expect(stands().config).toEqual({ ...theirs, ingress: [ruleOf(ROUTE), ...theirs.ingress] });
});

test("a write that landed right after ours is told too", async () => {
  const { add, cloudflare, shared, crossed } = await open();
  const stop = shared.journal.onWrite((entry) => {
    if (entry.method !== "PUT") return;
    stop();
    // After our answer was decided, before we read again.
    setImmediate(() => cloudflare.putConfig(TUNNEL, DOCUMENT));
  });
  const after = await failureOf(add());
  expect(after).toMatchObject({ kind: "conflict", code: "moved" });
  expect(crossed).toMatchObject([{ overwritten: false }]);
});

test.each(["drop", "reset-body", "malformed"] as const)(
  "an answer lost by %s: what is read afterwards decides",
  async (kind) => {
    const { add, fail, base, stands, asked } = await open();
    fail({ ...PUT, when: "after", effect: { kind } });
    expect((await add()).config.version).toBe(base.version + 1);
    expect(stands().config.ingress).toContainEqual(ruleOf(ROUTE));
    expect(asked().filter((each) => each.startsWith("PUT"))).toHaveLength(1);
  },
);

test("a write that hangs ends at its own limit, is not sent again, and is done if it stands", async () => {
  const { add, fail, base, asked } = await open({ putTimeoutMs: 60 });
  fail({ ...PUT, effect: { kind: "hang" } });
  expect(await failureOf(add())).toMatchObject({ kind: "retry", code: "timeout" });
  fail({ ...PUT, when: "after", effect: { kind: "hang" } });
  expect((await add()).config.version).toBe(base.version + 1);
  expect(asked().filter((each) => each.startsWith("PUT"))).toHaveLength(2);
});

test.each([
  [
    { kind: "status", status: 500 },
    { kind: "retry", status: 500 },
  ],
  [
    { kind: "status", status: 429, retryAfterSeconds: 7 },
    { kind: "retry", retryAfterMs: 7000 },
  ],
  [{ kind: "status", status: 403 }, { kind: "denied" }],
  [
    { kind: "status", status: 400, body: { success: false, errors: [{ code: 1056, message: "bad" }] } },
    { kind: "conflict", code: 1056 },
  ],
  [
    { kind: "status", status: 405, body: { success: false, errors: [{ code: 10000, message: "no" }] } },
    { kind: "denied", code: 10000 },
  ],
] as const)("a write refused with %o changes nothing", async (effect, failure) => {
  const { add, fail, stands } = await open();
  fail({ ...PUT, effect });
  expect(await failureOf(add())).toMatchObject(failure);
  expect(stands().config).toEqual(DOCUMENT);
});

test("somebody else's route for the hostname stops us before any write", async () => {
  const { add, asked } = await open();
  const failure = await failureOf(add([{ ...ROUTE, hostname: "wiki.example.com" }]));
  expect(failure).toMatchObject({ kind: "conflict", code: "taken" });
  expect(asked()).toEqual([]);
});

test("what cloudflared would refuse is never added; what stood there is not judged, and keeps no route of ours from coming or going", async () => {
  const { add, cloudflare, tunnels, remove, stands } = await open();
  expect(await failureOf(add([{ ...ROUTE, service: "https://x.run.app/path" }]))).toMatchObject({
    code: "invalid",
  });
  const odd = [
    { hostname: "bad.*.example.com", service: "http://localhost:1" },
    { hostname: "api.example.com", path: "^/(?i)api", service: "of-a-later-version:1" },
    { hostname: "api.example.com", path: "(?U)^/a.*b", service: "http://localhost:1" },
    { service: "http_status:404" },
  ];
  cloudflare.putConfig(TUNNEL, { ingress: [ruleOf(ROUTE), ...odd] });
  const crm = { ...ROUTE, hostname: "crm.example.com" };
  expect(
    await failureOf(add([{ ...crm, service: "localhost:1" }], await tunnels.readConfig(TUNNEL))),
  ).toMatchObject({ code: "invalid" });
  await add([crm], await tunnels.readConfig(TUNNEL));
  expect(stands().config.ingress).toEqual([ruleOf(crm), ruleOf(ROUTE), ...odd]);
  await remove(await tunnels.readConfig(TUNNEL));
  expect(stands().config.ingress).toEqual([ruleOf(crm), ...odd]);
});

test("a route carries traffic only with its lock: cloudflared refuses who has no token", async () => {
  const { add, cloudflare } = await open();
  const content = `${TUNNEL}.cfargotunnel.com`;
  cloudflare.addRecord("fedcba9876543210fedcba9876543210", {
    type: "CNAME",
    name: HOST,
    content,
    proxied: true,
    ttl: 1,
  });
  await add();
  expect((await cloudflare.visit(HOST)).verdict).toBe("stopped by cloudflared");
});
