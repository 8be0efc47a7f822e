import { describe, expect, it } from "vitest";
import { acknowledge, mute } from "../../src/domain/incident-acts.ts";
import { diagnosis, type Sight, watchedTunnels } from "./watched-tunnels.ts";

const UP: Sight = { state: "up" };
const DOWN: Sight = { state: "down" };
const DEGRADED: Sight = { state: "degraded" };
const BLIND: Sight = { state: "unknown" };
const ASHA = { exposureId: "x1", hostname: "billing.lakeside.example", requesterId: "U0ASHA" };

function kinds(watch: ReturnType<typeof watchedTunnels>): string[] {
  return watch.told.map(({ kind, broadcast }) => (broadcast ? `${kind}!` : kind));
}

describe("when it begins", () => {
  it("nothing up for a minute is an outage, and not a moment earlier", () => {
    const watch = watchedTunnels();
    watch.sees(60, { one: DOWN });
    expect(watch.open()).toEqual([]);
    watch.see({ one: DOWN });
    expect(watch.open()).toMatchObject([{ cause: "outage", severity: "critical", wasDown: true }]);
    expect(watch.open()[0]?.since).toEqual(new Date("2026-11-23T12:00:00Z"));
  });

  it("fewer connections than there should be are degraded after five minutes", () => {
    const watch = watchedTunnels();
    watch.sees(300, { one: DEGRADED });
    expect(watch.open()).toEqual([]);
    watch.see({ one: DEGRADED });
    expect(watch.open()).toMatchObject([{ cause: "degraded", severity: "medium", onCall: null }]);
  });

  it("a rolling restart, connector after connector, raises nothing", () => {
    const watch = watchedTunnels();
    for (const generation of [1, 2, 3, 4, 5]) {
      const [old, fresh] = [`old-${generation}`, `new-${generation}`];
      watch.sees(10, { one: { state: "up", connectors: { [old]: 4, [fresh]: 4 } } });
      watch.sees(5, { one: { state: "degraded", connectors: { [old]: 2, [fresh]: 4 } } });
      watch.sees(15, { one: { state: "up", connectors: { [fresh]: 4 } } });
    }
    expect(watch.incidents()).toEqual([]);
  });

  it("a connector that loses connections three times in ten minutes flaps, whatever its state is in between", () => {
    const watch = watchedTunnels();
    for (let drop = 0; drop < 3; drop++) {
      watch.sees(60, { one: { state: "up", connectors: { a: 4 } } });
      watch.sees(10, { one: { state: "degraded", connectors: { a: 3 } } });
    }
    expect(watch.open()).toMatchObject([{ cause: "h2-flap", connector: "a" }]);
  });

  it("takes the cause from the diagnosis, and one that is known late in place of none", () => {
    const watch = watchedTunnels();
    watch.sees(65, { one: DOWN });
    expect(watch.open()).toMatchObject([{ cause: "outage" }]);
    watch.sees(5, { one: { ...DOWN, diagnoses: [diagnosis()] } });
    expect(watch.open()).toMatchObject([{ cause: "tcp-7844-blocked", causes: 2 }]);
    expect(kinds(watch)).toEqual(["cause"]);
    // What follows from it says nothing new.
    watch.sees(30, { one: { ...DOWN, diagnoses: [diagnosis({ cause: "outage", evidence: ["echo"] })] } });
    expect(watch.open()).toMatchObject([{ cause: "tcp-7844-blocked" }]);
  });

  it("a revision that does not come up is named where nothing else says why, also when it is known late", () => {
    const failedRevision = {
      name: "cloudflared-00002-xyz",
      reason: "HEALTH_CHECK_CONTAINER_ERROR",
      message: "The startup probe failed.",
      since: null,
    };
    const watch = watchedTunnels();
    watch.sees(65, { one: DOWN });
    watch.see({ one: { ...DOWN, failedRevision } });
    expect(watch.open()[0]?.evidence[0]).toBe(
      "Cloud Run: the revision cloudflared-00002-xyz is not ready. HEALTH_CHECK_CONTAINER_ERROR: The startup probe failed.",
    );
    expect(watch.open()[0]?.remedy).toMatch(
      /^Cloud Run could not bring up cloudflared-00002-xyz, .*outage\.md$/,
    );
    const known = watch.open()[0]?.version;
    watch.sees(30, { one: { ...DOWN, failedRevision } });
    expect(watch.open()[0]?.version).toBe(known);
    const clear = watchedTunnels();
    clear.sees(65, { one: { ...DOWN, failedRevision, diagnoses: [diagnosis()] } });
    expect(clear.open()).toMatchObject([{ evidence: diagnosis().evidence, remedy: diagnosis().remedy }]);
    const well = watchedTunnels();
    well.sees(3600, { one: { ...UP, failedRevision } }, 30);
    expect(well.incidents()).toEqual([]);
  });

  it("advice raises nothing, however long it stands", () => {
    const watch = watchedTunnels();
    const advice = [
      diagnosis({ cause: "old-version", severity: "low" }),
      diagnosis({ cause: "same-colo", severity: "info" }),
    ];
    watch.sees(3600, { one: { ...UP, diagnoses: advice } }, 30);
    expect(watch.incidents()).toEqual([]);
  });

  it("one failed request of an origin raises nothing, several do, and stand beside a fault of the edge", () => {
    const watch = watchedTunnels();
    // However sure one line makes us.
    const once = diagnosis({ cause: "origin-refused", severity: "high", confidence: 0.95, seen: 1 });
    watch.sees(600, { one: { ...UP, diagnoses: [once] } });
    watch.sees(600, { one: { ...UP, diagnoses: [{ ...once, seen: 2 }] } });
    expect(watch.incidents()).toEqual([]);
    const since = watch.now();
    const often = { ...once, confidence: 0.75, seen: 3, since, lastSeen: new Date(since.getTime() + 60_000) };
    watch.sees(65, { one: { ...DOWN, diagnoses: [often, diagnosis()] } });
    expect(watch.open().map(({ slot }) => slot)).toEqual(["origin-refused", "edge"]);
  });

  it("what works over HTTP/2 after its fallback is told in time, and not again after the outage it caused", () => {
    const coping = diagnosis({ cause: "quic-blocked", severity: "medium" });
    const quiet = watchedTunnels();
    quiet.sees(305, { one: { ...UP, diagnoses: [coping] } });
    expect(quiet.open()).toMatchObject([{ slot: "coping", cause: "quic-blocked", severity: "medium" }]);
    const after = watchedTunnels();
    after.sees(140, { one: { ...DOWN, diagnoses: [diagnosis({ cause: "quic-blocked" })] } });
    after.sees(900, { one: { ...UP, diagnoses: [coping] } });
    expect(after.incidents()).toMatchObject([{ slot: "edge", phase: "ended" }]);
    expect(after.incidents()).toHaveLength(1);
  });

  it("nobody who sees nothing calls it down, or good again", () => {
    const watch = watchedTunnels();
    watch.sees(3600, { one: BLIND }, 30);
    expect(watch.incidents()).toEqual([]);
    watch.sees(65, { one: DOWN });
    watch.sees(3600, { one: BLIND }, 30);
    expect(watch.open()).toHaveLength(1);
    watch.sees(65, { one: UP });
    expect(watch.open()).toEqual([]);
  });
});

describe("who is told", () => {
  it("the requesters hear once that they cannot be reached, and once that they can", () => {
    const watch = watchedTunnels({
      affected: [ASHA, { ...ASHA, exposureId: "x2", hostname: "pay.example" }],
    });
    watch.sees(300, { one: DOWN });
    watch.sees(65, { one: UP });
    const direct = watch.told.filter(({ recipient }) => recipient.to === "person");
    expect(direct.map(({ kind }) => kind)).toEqual(["unreachable", "reachable"]);
    expect(direct[0]).toMatchObject({
      recipient: { slackId: "U0ASHA" },
      hostnames: ["billing.lakeside.example", "pay.example"],
    });
  });

  it("nobody gets a direct message while visitors are still served; when it gets worse, they do", () => {
    const watch = watchedTunnels({ affected: [ASHA] });
    watch.sees(305, { one: DEGRADED });
    expect(watch.told).toEqual([]);
    watch.sees(65, { one: DOWN });
    expect(kinds(watch)).toEqual(["worse!", "on-call", "unreachable"]);
    expect(watch.open()).toMatchObject([{ severity: "critical", onCall: "thread" }]);
  });

  it("twenty tunnels that fail together are one incident, and each requester hears when theirs is back", () => {
    const watch = watchedTunnels();
    const names = Array.from({ length: 20 }, (_, index) => `tunnel-${index}`);
    const all = (sight: Sight) => Object.fromEntries(names.map((name) => [name, sight]));
    watch.sees(65, { ...all(DOWN), "tunnel-7": { ...DOWN, diagnoses: [diagnosis()] } });
    expect(watch.open()).toMatchObject([{ cause: "tcp-7844-blocked" }]);
    expect(watch.open()[0]?.members).toHaveLength(20);
    watch.sees(65, { ...all(UP), "tunnel-3": DOWN });
    expect(watch.open()).toHaveLength(1);
    watch.sees(65, all(UP));
    expect(watch.incidents()).toMatchObject([{ phase: "ended" }]);
    expect(watch.shouts()).toBe(2);
  });

  it("two tunnels with different reasons are two incidents", () => {
    const watch = watchedTunnels();
    const token = diagnosis({ cause: "token-rejected" });
    watch.sees(65, { one: { ...DOWN, diagnoses: [diagnosis()] }, two: { ...DOWN, diagnoses: [token] } });
    expect(watch.open().map(({ cause }) => cause)).toEqual(["tcp-7844-blocked", "token-rejected"]);
  });

  it("muted, the channel hears nothing of it for an hour, and the thread that the mute is over", () => {
    const watch = watchedTunnels({ affected: [ASHA] });
    watch.sees(65, { one: DOWN });
    watch.acts((incident) => {
      const verdict = mute(incident, "U0LEE", watch.now());
      return verdict.ok ? verdict.value : incident;
    });
    watch.sees(65, { one: UP });
    watch.sees(3700, { one: DOWN });
    expect(kinds(watch)).toEqual([
      "unreachable",
      "muted",
      "recovered",
      "reachable",
      "again",
      "unreachable",
      "mute-over",
    ]);
  });
});

describe("what people do about it", () => {
  it("is taken once, and not once it is over", () => {
    const watch = watchedTunnels();
    watch.sees(65, { one: DOWN });
    const [incident] = watch.open();
    const first = acknowledge(incident!, "U0LEE", watch.now());
    expect(first).toMatchObject({ ok: true, value: { acknowledged: { by: "U0LEE" } } });
    const taken = first.ok ? first.value : incident!;
    expect(acknowledge(taken, "U0MINA", watch.now())).toEqual({
      ok: false,
      because: "incident-acknowledged",
      by: "U0LEE",
    });
    watch.sees(65, { one: UP });
    const [ended] = watch.incidents();
    for (const act of [acknowledge, mute])
      expect(act(ended!, "U0LEE", watch.now())).toEqual({ ok: false, because: "incident-over" });
  });
});
