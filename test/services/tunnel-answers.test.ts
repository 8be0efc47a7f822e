// Which answers say that a write of the configuration cannot be carried out any more: until then no application is removed.
import { expect, test } from "vitest";
import type { Route } from "../../src/domain/observed.ts";
import { createTunnels } from "../../src/services/tunnel.ts";
import { ACCOUNT, failureOf, HOST, ORIGIN_HOST, openAccount, TEAM, TUNNEL } from "./cloudflare-account.ts";

const ROUTE: Route = {
  hostname: HOST,
  service: `https://${ORIGIN_HOST}`,
  hostHeader: ORIGIN_HOST,
  lock: { required: true, teamName: TEAM, audTag: ["aud-1"] },
};
const PAGE = "<html><body><center><h1>504 Gateway Time-out</h1></center></body></html>";
const ENVELOPE = { success: false, errors: [{ code: 10001, message: "Internal server error" }] };

async function open(options: { putTimeoutMs?: number } = {}) {
  const account = await openAccount();
  const tunnels = createTunnels({ client: account.client, accountId: ACCOUNT, ...options });
  const base = await tunnels.readConfig(TUNNEL);
  let isOver = false;
  const add = () =>
    tunnels.putRoutes(TUNNEL, {
      base,
      add: [ROUTE],
      remove: [],
      fence: async () => true,
      answered: async () => {
        isOver = true;
      },
      crossed: async () => {},
    });
  const fail = (effect: Parameters<typeof account.fail>[0]["effect"], when?: "after") =>
    account.fail({ method: "PUT", path: "/configurations$", effect, when });
  return { add, fail, base, isOver: () => isOver };
}

test.each([
  [408, ENVELOPE],
  [502, ENVELOPE],
  [504, ENVELOPE],
  [502, PAGE],
  [520, PAGE],
  [522, PAGE],
  [524, PAGE],
  [500, PAGE],
  [503, PAGE],
  [503, ""],
  [500, {}],
  [200, PAGE],
] as const)("after an answer of %d with %o it may still land", async (status, body) => {
  const { add, fail, isOver } = await open();
  fail({ kind: "status", status, body });
  expect(await failureOf(add())).toMatchObject({ kind: "retry" });
  expect(isOver()).toBe(false);
});

test.each(["drop", "hang"] as const)("with no answer, by %s, it may still land", async (kind) => {
  const { add, fail, isOver } = await open({ putTimeoutMs: 200 });
  fail({ kind });
  expect(await failureOf(add())).toMatchObject({ kind: "retry" });
  expect(isOver()).toBe(false);
});

test.each([
  [500, ENVELOPE],
  [503, ENVELOPE],
  [429, ""],
  [409, ENVELOPE],
  [403, PAGE],
] as const)("after an answer of %d with %o it is over", async (status, body) => {
  const { add, fail, isOver } = await open();
  fail({ kind: "status", status, body });
  await failureOf(add());
  expect(isOver()).toBe(true);
});

test("it is over once it is seen to stand, whatever was answered", async () => {
  const { add, fail, isOver, base } = await open();
  fail({ kind: "status", status: 504, body: PAGE }, "after");
  expect((await add())?.config.version).toBe(base.version + 1);
  expect(isOver()).toBe(true);
});
