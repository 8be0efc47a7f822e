// How long the bot waits before it knocks again, and when it stops knocking.
import { describe, expect, it } from "vitest";
import { fromCode, tooMany } from "../../src/services/slack-failure.ts";
import type { SlackSocket } from "../../src/services/slack-receiver.ts";
import { createSockets, delayAfter } from "../../src/services/slack-sockets.ts";
import { recorder, until } from "./slack-world.ts";

const backoff = { firstMs: 100, mostMs: 15_000 };

function socket(): SlackSocket & { end: (asked: boolean, reason: string) => void; closed: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<{ asked: boolean; reason: string }>();
  let closed = false;
  const close = async () => {
    closed = true;
    resolve({ asked: false, reason: "closed by us" });
  };
  const end = (asked: boolean, reason: string) => resolve({ asked, reason });
  return { isLive: () => !closed, ended: promise, retire: close, close, end, closed: () => closed };
}

/** Opens what the script says, one after the other; then nothing more. */
function scripted(script: (SlackSocket | Error)[]) {
  const slept: number[] = [];
  const fatal: string[] = [];
  const sockets = createSockets({
    async open() {
      const next = script.shift();
      if (next === undefined) return new Promise(() => undefined);
      if (next instanceof Error) throw next;
      return next;
    },
    connections: 1,
    staggerMs: 0,
    backoff,
    lingerMs: 15_000,
    log: recorder().log,
    onFatal: (failure) => fatal.push(String(failure.code)),
    sleep: async (ms) => void slept.push(ms),
  });
  return { sockets, slept, fatal };
}

describe("delayAfter", () => {
  it.each([
    [0, 50, 100],
    [1, 100, 200],
    [4, 800, 1600],
    [8, 7500, 15_000],
    [500, 7500, 15_000],
  ])("after %d failures lies between %d and %d ms", (failures, least, most) => {
    expect(delayAfter(failures, backoff, () => 0)).toBe(least);
    expect(delayAfter(failures, backoff, () => 1)).toBe(most);
  });
});

describe("createSockets", () => {
  it("waits longer after each failure", async () => {
    const { sockets, slept } = scripted([...Array.from({ length: 10 }, () => new Error("down")), socket()]);
    await sockets.start();
    const waits = slept.slice(1);
    expect(waits).toHaveLength(10);
    for (const [failures, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(delayAfter(failures, backoff, () => 0));
      expect(ms).toBeLessThanOrEqual(delayAfter(failures, backoff, () => 1));
    }
    await sockets.close();
  });

  it("keeps to the wait that Slack asks for", async () => {
    const { sockets, slept } = scripted([tooMany("apps.connections.open", 30_000), socket()]);
    await sockets.start();
    expect(slept.slice(1)).toEqual([30_000]);
    await sockets.close();
  });

  it("does not hammer a Slack that takes every socket away at once", async () => {
    const flappy = Array.from({ length: 8 }, socket);
    for (const each of flappy) each.end(false, "connection lost");
    const { sockets, slept } = scripted([...flappy, socket()]);
    await sockets.start();
    await until("the last socket", () => sockets.counts().opened === 9);
    expect(slept.at(-1)).toBeGreaterThanOrEqual(delayAfter(8, backoff, () => 0));
    expect(flappy.every((each) => each.closed())).toBe(true);
    await sockets.close();
  });

  it("opens the new socket before it lets the old one go", async () => {
    const [old, fresh] = [socket(), socket()];
    const { sockets } = scripted([old, new Error("not yet"), fresh]);
    await sockets.start();
    old.end(true, "warning");
    await until("the new socket", () => sockets.counts().opened === 2);
    await until("the old one closed", () => old.closed());
    expect(fresh.closed()).toBe(false);
    expect(sockets.counts()).toEqual({ opened: 2, replaced: 1, failed: 1 });
    await sockets.close();
    expect(fresh.closed()).toBe(true);
  });

  it("keeps the old socket while no new one can be had", async () => {
    const old = socket();
    const { sockets } = scripted([old, new Error("down"), new Error("down")]);
    await sockets.start();
    old.end(true, "refresh_requested");
    await until("two failures", () => sockets.counts().failed === 2);
    expect(old.closed()).toBe(false);
    expect(sockets.live()).toBe(1);
    await sockets.close();
    expect(old.closed()).toBe(true);
  });

  it.each(["too_many_websockets", "link_disabled"])("lets go first when told %s", async (reason) => {
    const old = socket();
    const { sockets, slept } = scripted([old]);
    await sockets.start();
    old.end(true, reason);
    await until("the old one closed", () => old.closed());
    expect(sockets.counts().replaced).toBe(0);
    expect(slept.at(-1)).toBeGreaterThan(0);
    await sockets.close();
  });

  it.each([
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "not_allowed_token_type",
  ])("stops for good at %s", async (code) => {
    const refused = fromCode("apps.connections.open", code);
    const atStart = scripted([refused, socket()]);
    await expect(atStart.sockets.start()).rejects.toBe(refused);
    expect(atStart.fatal).toEqual([]);
    expect(atStart.sockets.counts()).toMatchObject({ opened: 0, failed: 1 });

    const first = socket();
    const later = scripted([first, refused, socket()]);
    await later.sockets.start();
    first.end(true, "warning");
    await until("the end", () => later.fatal.length > 0);
    expect(later.fatal).toEqual([code]);
    expect(first.closed()).toBe(false);
    await later.sockets.close();
    expect(later.sockets.counts().opened).toBe(1);
  });
});
