// Who runs a tunnel and what is handed to the diagnosis, whichever signal told of it.
import { describe, expect, it } from "vitest";
import { factsOf, type Signals } from "../../src/domain/signals.ts";
import type { TunnelHealth } from "../../src/domain/tunnel-health.ts";
import { healthOf } from "../../src/domain/tunnel-state.ts";
import { ago, answered, api, connector, endpoints, log, NONE, NOW, TUNNEL, up } from "./signal-samples.ts";

describe("connectors", () => {
  const seen = (signals: Partial<Signals>, known: TunnelHealth | null = null) =>
    healthOf(TUNNEL, { ...NONE, ...signals }, known, NOW).connectors;

  it("are one by their id, whoever tells of them", () => {
    const all = seen({
      api: api("healthy", { connectors: [connector("c1", 4, { version: "" })] }),
      endpoints: endpoints(answered(4)),
      log: log(...up(60)),
    });
    expect(all).toEqual([
      {
        id: "c1",
        version: "2026.8.2",
        protocol: "http2",
        configVersion: 7,
        startedAt: ago(900),
        colos: ["nrt08", "kix01", "nrt12", "kix06"],
        ours: true,
      },
    ]);
  });

  it("of somebody else are told where all of ours are known and it is no newcomer", () => {
    const foreign = connector("c9");
    const signals = {
      api: api("healthy", { connectors: [connector("c1"), foreign] }),
      endpoints: endpoints(answered(4)),
    };
    const oursOf = (change: Partial<Signals>) =>
      seen({ ...signals, ...change }).map(({ id, ours }) => [id, ours]);
    expect(oursOf({ instances: 1 })).toEqual([
      ["c1", true],
      ["c9", false],
    ]);
    expect(oursOf({ instances: 2 })).toEqual([
      ["c1", true],
      ["c9", null],
    ]);
    expect(oursOf({ instances: null })).toEqual([
      ["c1", true],
      ["c9", null],
    ]);
    expect(oursOf({ instances: 1, others: true })).toEqual([
      ["c1", true],
      ["c9", null],
    ]);
    const newcomer = api("healthy", {
      connectors: [connector("c1"), connector("c9", 4, { openedAt: ago(30) })],
    });
    expect(oursOf({ instances: 1, api: newcomer })).toEqual([
      ["c1", true],
      ["c9", null],
    ]);
  });

  it("that were ours stay ours after their first lines are forgotten", () => {
    const known = healthOf(TUNNEL, { ...NONE, log: log(...up(60)) }, null, NOW);
    expect(seen({ api: api("healthy") }, known).map(({ id, ours }) => [id, ours])).toEqual([
      ["c1", true],
      ["c2", null],
    ]);
  });
});

describe("facts for the diagnosis", () => {
  const connectorFacts = (signals: Partial<Signals>, known: TunnelHealth | null = null) =>
    factsOf("t1", { ...NONE, ...signals }, known).flatMap((fact) =>
      fact.kind === "connector" ? [[fact.connector, fact.connections]] : [],
    );

  it("count a connector once, by its own word where it gave one", () => {
    const signals = {
      api: api("degraded", { connectors: [connector("c1", 4), connector("c2", 3)] }),
      endpoints: endpoints(answered(1)),
    };
    expect(connectorFacts(signals)).toEqual([
      ["c1", 1],
      ["c2", 3],
    ]);
  });

  it("hold the connectors that were there when Cloudflare lists none any more", () => {
    const known = healthOf(TUNNEL, { ...NONE, api: api("healthy") }, null, NOW);
    expect(connectorFacts({ api: api("down", { connectors: [], connectorsAt: NOW }) }, known)).toEqual([
      ["c1", 0],
      ["c2", 0],
    ]);
  });

  it("say when each configuration version was read, which may be long before the rest", () => {
    const signals = { api: api("healthy", { connectorsAt: ago(240) }), endpoints: endpoints(answered(4)) };
    const readAt = (change: Partial<Signals> = {}, known: TunnelHealth | null = null) =>
      factsOf("t1", { ...NONE, ...signals, ...change }, known).map((fact) => {
        return fact.kind === "connector" ? [fact.connector, fact.configReadAt] : [];
      });
    expect(readAt()).toEqual([
      ["c1", ago(40)],
      ["c2", ago(240)],
    ]);
    const before = healthOf(TUNNEL, { ...NONE, api: api("healthy") }, null, NOW);
    const down = api("down", { connectors: [], connectorsAt: NOW });
    expect(readAt({ api: down, endpoints: [] }, before)).toEqual([
      ["c1", null],
      ["c2", null],
    ]);
  });

  it("do not count connections that are older than the status", () => {
    expect(connectorFacts({ api: api("degraded", { connectorsAt: null }) })).toEqual([]);
  });
});
