// Whether a tunnel is up, put together from whichever signals answered: none is needed, and none that failed counts.
import { describe, expect, it } from "vitest";
import { freshOnes, type Signals } from "../../src/domain/signals.ts";
import type { TunnelHealth } from "../../src/domain/tunnel-health.ts";
import { healthOf } from "../../src/domain/tunnel-state.ts";
import {
  ago,
  answered,
  api,
  connector,
  endpoints,
  line,
  log,
  lost,
  NONE,
  NOW,
  REFUSED,
  registered,
  SILENT,
  started,
  TUNNEL,
  up,
} from "./signal-samples.ts";

const stateOf = (signals: Partial<Signals>, before: TunnelHealth | null = null) =>
  healthOf(TUNNEL, freshOnes({ ...NONE, ...signals }, NOW, 5_000), before, NOW).state;
const before = (state: TunnelHealth["state"], change: Partial<TunnelHealth> = {}): TunnelHealth => ({
  ...TUNNEL,
  state,
  since: ago(600),
  connectors: [],
  seenAt: ago(15),
  ...change,
});

describe("one signal alone", () => {
  it.each<[string, Partial<Signals>, TunnelHealth["state"]]>([
    ["none", {}, "unknown"],
    ["the API: healthy", { api: api("healthy") }, "up"],
    ["the API: degraded", { api: api("degraded") }, "degraded"],
    ["the API: down", { api: api("down") }, "down"],
    ["the API: never ran", { api: api("inactive") }, "down"],
    ["the API, ten minutes ago", { api: api("healthy", { at: ago(600) }) }, "unknown"],
    ["/ready: all there", { endpoints: endpoints(answered(4), answered(4, "c2")) }, "up"],
    ["/ready: one of four", { endpoints: endpoints(answered(4), answered(1, "c2")) }, "degraded"],
    ["/ready: one has none", { endpoints: endpoints(answered(4), answered(0, "c2")) }, "degraded"],
    ["/ready: none has any", { endpoints: endpoints(answered(0), answered(0, "c2")) }, "down"],
    ["/ready: one is up, one is gone", { endpoints: endpoints(answered(4), REFUSED) }, "degraded"],
    ["/ready: one has none, one is gone", { endpoints: endpoints(answered(0), REFUSED) }, "down"],
    ["/ready: all are gone", { endpoints: endpoints(REFUSED, REFUSED) }, "down"],
    ["/ready: one has none, one cannot be asked", { endpoints: endpoints(answered(0), SILENT) }, "unknown"],
    ["/ready: one is up, one cannot be asked", { endpoints: endpoints(answered(4), SILENT) }, "up"],
    ["/ready: none can be asked", { endpoints: endpoints(SILENT, SILENT) }, "unknown"],
    ["the log: started and registered", { log: log(...up(60)) }, "up"],
    ["the log: still registering", { log: log(...started(5), registered(0, 4)) }, "degraded"],
    ["the log: one connection lost", { log: log(...up(60), lost(2, 5)) }, "degraded"],
    ["the log: all lost", { log: log(...up(60), ...[0, 1, 2, 3].map((index) => lost(index, 5))) }, "down"],
    [
      "the log: one of two connectors lost all",
      { log: log(...up(60), ...up(60, "two", "c2"), ...[0, 1, 2, 3].map((index) => lost(index, 5, "two"))) },
      "degraded",
    ],
    [
      "the log: stopped, and nothing else runs",
      {
        log: log(
          ...up(60),
          line("Initiating graceful shutdown due to signal terminated ...", 9),
          line("Tunnel server stopped", 5),
        ),
      },
      "down",
    ],
    ["the log: begins in the middle, with one lost", { log: log(lost(1, 5)) }, "degraded"],
    [
      "the log: begins in the middle, with the last one lost",
      { log: log(line("Connection terminated", 5, { connIndex: 0, level: "error", error: "x" })) },
      "down",
    ],
    ["the log: nothing written lately", { log: log() }, "unknown"],
  ])("%s", (_, signals, state) => {
    expect(stateOf(signals)).toBe(state);
  });
});

describe("signals that differ", () => {
  it.each<[string, Partial<Signals>, TunnelHealth["state"]]>([
    [
      "a connector's own word comes before the API's, which lags",
      { api: api("healthy"), endpoints: endpoints(answered(0), answered(0, "c2")) },
      "down",
    ],
    [
      "and also when it is back",
      { api: api("down"), endpoints: endpoints(answered(4), answered(4, "c2")) },
      "up",
    ],
    [
      "connectors elsewhere carry on",
      {
        api: api("healthy", { connectors: [connector("c1", 0), connector("c9")] }),
        endpoints: endpoints(answered(0)),
      },
      "degraded",
    ],
    [
      "an address of an instance that was replaced says nothing",
      { api: api("healthy"), endpoints: endpoints(answered(4), REFUSED) },
      "up",
    ],
    ["not even if all were", { api: api("healthy"), endpoints: endpoints(REFUSED, REFUSED) }, "up"],
    [
      "a line just written comes before the API",
      { api: api("healthy"), log: log(...up(600), ...[0, 1, 2, 3].map((index) => lost(index, 20))) },
      "down",
    ],
    [
      "the API comes before a line of long ago",
      { api: api("healthy"), log: log(...up(900), ...[0, 1, 2, 3].map((index) => lost(index, 600))) },
      "up",
    ],
    [
      "a connector that no address leads to lacks connections",
      {
        api: api("degraded", { connectors: [connector("c1"), connector("c2", 3)] }),
        endpoints: endpoints(answered(4)),
      },
      "degraded",
    ],
    ["a failed API leaves the log", { api: null, log: log(...up(60)) }, "up"],
  ])("%s", (_, signals, state) => {
    expect(stateOf(signals)).toBe(state);
  });

  it("connectors that are meant to be elsewhere carry on where ours are gone, unless Cloudflare says that none does", () => {
    const gone = log(...up(600), ...[0, 1, 2, 3].map((index) => lost(index, 20)));
    const others = true;
    expect(stateOf({ others, api: api("healthy"), log: gone })).toBe("degraded");
    expect(stateOf({ others, log: gone })).toBe("degraded");
    expect(stateOf({ others, api: api("down"), log: gone })).toBe("down");
    expect(stateOf({ others, endpoints: endpoints(answered(0)) })).toBe("degraded");
    expect(stateOf({ others, endpoints: endpoints(REFUSED) })).toBe("degraded");
    expect(stateOf({ others, api: api("down"), endpoints: endpoints(answered(0)) })).toBe("down");
    expect(stateOf({ others, log: log(...up(60)) })).toBe("up");
  });

  it("an instance that was killed and wrote no last word does not count beside the ones that should run", () => {
    const killed = [...up(900, "killed", "c0"), lost(1, 800, "killed")];
    const now = [...up(700), ...up(690, "two", "c2")];
    expect(stateOf({ log: log(...killed, ...now), instances: 2 })).toBe("up");
    expect(stateOf({ log: log(...killed, ...now) })).toBe("degraded");
  });
});

describe("over time", () => {
  it("keeps since when, until it changes", () => {
    expect(healthOf(TUNNEL, { ...NONE, api: api("healthy") }, before("up"), NOW).since).toEqual(ago(600));
    expect(healthOf(TUNNEL, { ...NONE, api: api("down") }, before("up"), NOW).since).toEqual(NOW);
  });

  it("a log that has nothing to say leaves it as it was", () => {
    expect(stateOf({ log: log() }, before("up"))).toBe("up");
    expect(stateOf({ log: null }, before("up"))).toBe("unknown");
  });

  it("tells when a signal last answered; silence is no answer", () => {
    const seen = (signals: Partial<Signals>) =>
      healthOf(TUNNEL, { ...NONE, ...signals }, before("up"), NOW).seenAt;
    expect(seen({})).toEqual(ago(15));
    expect(seen({ endpoints: endpoints(SILENT) })).toEqual(ago(15));
    expect(seen({ endpoints: endpoints(REFUSED) })).toEqual(ago(1));
    expect(seen({ api: api("healthy") })).toEqual(ago(2));
  });

  it("without any answer the connectors are those last known", () => {
    const known = healthOf(TUNNEL, { ...NONE, api: api("healthy") }, null, NOW);
    expect(healthOf(TUNNEL, NONE, known, NOW)).toMatchObject({
      state: "unknown",
      connectors: known.connectors,
    });
  });
});
