// Looks one after the other, with what each signal last said: a signal that fails holds no fault up and clears none.
import { describe, expect, it } from "vitest";
import type { TunnelWatch } from "../../src/domain/fault.ts";
import { DEFAULT_LIMITS, type Incident } from "../../src/domain/incident.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { Signals } from "../../src/domain/signals.ts";
import type { TunnelHealth } from "../../src/domain/tunnel-health.ts";
import { createWatch } from "../../src/jobs/watch.ts";
import type { LatestHealth } from "../../src/store/tunnel-health.ts";
import { ago, api, line, log, NONE, up } from "../domain/signal-samples.ts";
import { quiet } from "../quiet.ts";

const POOL = { project: "p", region: "r", name: "cloudflared" };

/** A tunnel at which somebody looks every few seconds. `signals`: what each last said, by then. */
function watched(signals: (now: Date) => Partial<Signals>, lookMs = 5_000) {
  let now = ago(0);
  let health: LatestHealth[] = [];
  let watches: TunnelWatch[] = [];
  let incidents: Incident[] = [];
  let lookedAt: Date | null = null;
  const watch = createWatch({
    readings: { take: async () => {}, of: () => ({ ...NONE, ...signals(now) }) },
    tunnelHealth: {
      latest: async () => health,
      save: async (seen: TunnelHealth[], at) => {
        health = seen.map((each) => ({ ...each, lookedAt: at }));
      },
    },
    incidents: {
      lookedAt: async () => lookedAt,
      look: async (at, _, decide) => {
        const after = decide({ watches, incidents });
        const ids = after.incidents.map(({ id }) => id);
        watches = after.watches;
        incidents = [...incidents.filter(({ id }) => !ids.includes(id)), ...after.incidents];
        lookedAt = at;
        return after.incidents;
      },
    },
    live: async () => [],
    policy: {
      tunnels: [{ id: "t1", connectors: { workerPool: POOL, metrics: [], others: false } }],
      health: { limits: DEFAULT_LIMITS },
    } as unknown as Policy,
    lookMs,
    newIncidentId: () => `i${incidents.length}`,
    now: () => now,
    log: quiet,
  });
  return {
    async passes(seconds: number): Promise<void> {
      const until = now.getTime() + seconds * 1000;
      for (; now.getTime() < until; now = new Date(now.getTime() + lookMs)) await watch();
    },
    state: () => health[0]?.state,
    incidents: () => incidents.map(({ cause, phase }) => [cause, phase]),
    evidence: () => incidents.flatMap((each) => each.evidence).join(),
    open: () => incidents.filter(({ phase }) => phase === "open").map(({ cause }) => cause),
  };
}

describe("Cloudflare's API fails", () => {
  it("and its last word, that connections are missing, is no fault later on", async () => {
    const tunnel = watched(() => ({ api: api("degraded", { at: ago(0) }) }));
    await tunnel.passes(900);
    expect(tunnel.state()).toBe("unknown");
    expect(tunnel.incidents()).toEqual([]);
  });

  it("in the middle of a restart, and the log says how that went on", async () => {
    const at = ago(-10);
    const last = api("down", { at: ago(0), connectorsAt: ago(0) });
    const tunnel = watched((now) => ({
      api: now < at ? api("healthy", { at: ago(0) }) : last,
      log: { ...log(...up(-12, "new", "c3"), ...up(-12, "new2", "c4"))!, at: now },
    }));
    await tunnel.passes(900);
    expect(tunnel.state()).toBe("up");
    expect(tunnel.incidents()).toEqual([]);
  });
});

describe("the log fails", () => {
  const failing = {
    level: "error",
    error: "connect: connection refused",
    originService: "https://a",
  } as const;
  const refused = [1, 40, 70].map((at) => line("", -at, failing));
  const bad = line("Failed to deserialize new configuration", -5, { level: "error", configVersion: 13 });
  const found = [...up(900), ...refused, bad];

  it("and what it alone told of is not good again for that; it is once the log says so", async () => {
    const away = { from: ago(-30), until: ago(-3000) };
    const tunnel = watched((now) => {
      const isAway = now >= away.from && now < away.until;
      const facts = now < away.until ? found : up(900);
      return {
        api: api("healthy", { at: now }),
        log: { ...log(...facts)!, at: isAway ? away.from : now },
      };
    });
    await tunnel.passes(120);
    const told = ["bad-config", "origin-refused"];
    expect(tunnel.open().toSorted()).toEqual(told);
    await tunnel.passes(2800);
    expect(tunnel.open().toSorted()).toEqual(told);
    await tunnel.passes(200);
    expect(tunnel.open()).toEqual([]);
  });

  it("and a connection whose loss it told of last is no fault while Cloudflare sees them all", async () => {
    const lostOne = [...up(900), line("Lost connection with the edge", -5, { connIndex: 1 })];
    const tunnel = watched((now) => ({
      api: api("healthy", { at: now }),
      log: { ...log(...lostOne)!, at: ago(-10) },
    }));
    await tunnel.passes(900);
    expect(tunnel.incidents()).toEqual([]);
  });
});

it("the pool whose log is read is stopped while another serves: no outage, and nothing once Cloudflare shows it", async () => {
  const stopped = [
    ...up(900),
    line("Initiating graceful shutdown due to signal terminated ...", -5),
    line("Tunnel server stopped", -10),
  ];
  const tunnel = watched((now) => ({
    others: true,
    api: api("healthy", { at: now }),
    log: { ...log(...stopped)!, at: now },
  }));
  await tunnel.passes(60);
  expect(tunnel.state()).toBe("degraded");
  await tunnel.passes(400);
  expect(tunnel.state()).toBe("up");
  expect(tunnel.incidents()).toEqual([]);
});

it("a pool that is set to run nothing is why, unless connectors elsewhere are meant to carry on", async () => {
  const evidence = async (signals: Partial<Signals>) => {
    const tunnel = watched((now) => ({ api: api("down", { at: now }), ...signals }));
    await tunnel.passes(65);
    return tunnel.evidence();
  };
  expect(await evidence({ instances: 0 })).toContain("the worker pool runs 0 instances");
  expect(await evidence({ instances: 2 })).not.toContain("0 instances");
  expect(await evidence({ instances: 0, others: true })).not.toContain("0 instances");
});

it.each([5, 60, 300, 600])(
  "looks that are %i s apart know what each saw, and tell an outage",
  async (every) => {
    const isThird = (now: Date) => new Date(Math.floor(now.getTime() / (3_000 * every)) * 3_000 * every);
    const tunnel = watched((now) => ({ api: api("down", { at: isThird(now) }) }), every * 1000);
    const seen = new Set<string | undefined>();
    for (let looks = 0; looks < 12; looks += 1) {
      await tunnel.passes(every);
      seen.add(tunnel.state());
    }
    await tunnel.passes(60);
    expect([...seen]).toEqual(["down"]);
    expect(tunnel.open()).toEqual(["outage"]);
  },
);
