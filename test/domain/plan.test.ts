// Plans as people would tell them: which steps, in which order, for one exposure and for several at once.
import { describe, expect, it } from "vitest";
import type { Observed } from "../../src/domain/observed.ts";
import { plan } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/domain/target.ts";
import { parseConfig } from "../../src/services/tunnel-config.ts";
import { approvedExposure, openExposure } from "./exposure-sample.ts";
import { foreignApplication, foreignRecord } from "./model-spoils.ts";
import { idealRecord, rawRoute } from "./model-world.ts";
import {
  closing,
  everything,
  kinds,
  known,
  LOCK,
  nothing,
  open,
  opening,
  RULES,
  routeOf,
} from "./plan-scenes.ts";

describe("opening", () => {
  it("is a gate, a record, a proof, a route, and a proof", () => {
    expect(kinds([opening], nothing())).toEqual([
      "ensure-application e1",
      "ensure-record e1",
      "prove-gate e1",
      "add-routes e1",
      "await-connectors e1",
      "prove-open e1",
      "settle-open e1",
    ]);
  });

  it("goes on where it was", () => {
    const observed = everything(opening, []);
    expect(kinds([known(opening, 2)], observed)[0]).toBe("prove-gate e1");
    expect(kinds([known(opening, 3)], observed)[0]).toBe("add-routes e1");
    expect(kinds([known(opening, 3)], everything(opening))[0]).toBe("await-connectors e1");
  });

  it("writes down an application that a dying process made, before anything is proved or routed", () => {
    const forgotten = {
      ...opening,
      progress: { ...opening.progress, aud: "aud-0", auds: ["aud-0"], gateProofs: 3 },
    };
    for (const each of [opening, forgotten])
      expect(kinds([each], everything(opening, [])).slice(0, 3)).toEqual([
        "ensure-application e1",
        "prove-gate e1",
        "add-routes e1",
      ]);
  });

  it("shares one write and one wait with whoever opens or closes on the same tunnel", () => {
    const other = known({ ...closing, id: "e2", hostname: "reports.lakeside.example" });
    const observed = everything(opening, [routeOf(other)]);
    expect(kinds([known(opening, 3), other], observed)).toEqual([
      "remove-routes e2",
      "add-routes e1",
      "await-connectors e1+e2",
      "prove-open e1",
      "settle-open e1",
      "prove-closed e2",
      "settle-closed e2",
    ]);
  });

  it.each<[string, Observed, object]>([
    [
      "the tunnel is local",
      { ...nothing(), tunnel: { ...nothing().tunnel, remotelyManaged: false } },
      { obstacle: "tunnel-local" },
    ],
    [
      "another application stands at a path",
      { ...nothing(), applications: [foreignApplication(`${opening.hostname}/health`, "health", "bypass")] },
      { obstacle: "another-application", name: "health", destination: `${opening.hostname}/health` },
    ],
    [
      "a record stands there",
      { ...nothing(), records: [foreignRecord(opening.hostname)] },
      { obstacle: "record-taken", content: "192.0.2.1" },
    ],
    [
      "somebody's route names the hostname",
      nothing([rawRoute(opening.hostname, "http://theirs:80", null)]),
      { obstacle: "hostname-routed", service: "http://theirs:80" },
    ],
    [
      "somebody's wildcard leads to a service",
      nothing([rawRoute("*.lakeside.example", "http://any:80", null)]),
      { obstacle: "hostname-routed", service: "http://any:80" },
    ],
    [
      "somebody's rule answers the hostname with a status: ours beside it would spoil the one write for everybody",
      nothing([{ hostname: opening.hostname, service: "http_status:503" }]),
      { obstacle: "hostname-routed", service: "http_status:503" },
    ],
    [
      "the catch-all is a real service",
      {
        ...nothing(),
        config: parseConfig({ version: 5, config: { ingress: [{ service: "http://lobby:80" }] } })!,
      },
      { obstacle: "hostname-routed", service: "http://lobby:80" },
    ],
  ])("is refused where %s", (_, observed, because) => {
    expect(plan([targetOf(opening)], observed, RULES)).toEqual([
      [{ kind: "refuse", exposureIds: ["e1"], because }],
    ]);
  });
});

describe("an open exposure", () => {
  it("calls for nothing when all is as it was left", () => {
    expect(kinds([open], everything(open))).toEqual([]);
  });

  it("is put right in place where nobody can come to harm", () => {
    const observed = everything(open);
    const longer = observed.applications.map((each) => ({ ...each, sessionMinutes: 1440 }));
    expect(kinds([open], { ...observed, applications: longer })).toEqual(["ensure-application e1"]);
    const crossSite = observed.applications.map((each) => ({ ...each, crossSiteCookie: true }));
    expect(kinds([open], { ...observed, applications: crossSite })).toEqual(["ensure-application e1"]);
    expect(kinds([open], { ...observed, records: [] })).toEqual(["ensure-record e1"]);
  });

  it.each<[string, Observed]>([
    ["its application is gone", { ...everything(open), applications: [] }],
    ["its lock is off", everything(open, [routeOf(open, { ...LOCK, required: false })])],
    ["its lock is gone", everything(open, [routeOf(open, null)])],
    [
      "its lock names no application of today",
      everything(open, [routeOf(open, { ...LOCK, audTag: ["aud-1", "x"] })]),
    ],
    ["its route stands twice", everything(open, [routeOf(open), routeOf(open)])],
  ])("loses its route first when %s, and all is proved anew", (_, observed) => {
    const stages = kinds([open], observed);
    expect(stages[0]).toBe("remove-routes e1");
    expect(stages.indexOf("prove-gate e1")).toBeLessThan(stages.indexOf("add-routes e1"));
    expect(stages).toContain("prove-gate e1");
  });

  it("is proved anew when its route is gone, however often it was proved before", () => {
    expect(kinds([known(openExposure(), 3)], everything(open, [])).slice(0, 2)).toEqual([
      "prove-gate e1",
      "add-routes e1",
    ]);
  });

  it("is not made anew when all of it is gone at once, only when something of it stands", () => {
    const because = { obstacle: "all-gone" };
    expect(plan([targetOf(open)], nothing(), RULES)).toEqual([
      [{ kind: "refuse", exposureIds: ["e1"], because }],
    ]);
    const { applications, records } = everything(open);
    const moved = records.map((each) => ({ ...each, name: "moved.lakeside.example" }));
    for (const left of [{ applications }, { records }, { records: moved }, everything(open)].map((each) => ({
      ...nothing([routeOf(open)]),
      ...each,
    })))
      expect(kinds([open], left)).not.toContain("refuse e1");
    expect(kinds([open], nothing([routeOf(open)]))[0]).toBe("remove-routes e1");
    expect(kinds([open], { ...nothing(), records })[0]).toBe("ensure-application e1");
    // While it is repaired its route is away, and the rest of it may have to be made anew.
    expect(kinds([known(openExposure({ phase: "opening" }))], nothing())[0]).toBe("ensure-application e1");
  });

  it("loses its route and is given up when somebody else's application gets in front", () => {
    const observed = everything(open);
    const theirs = foreignApplication(`${open.hostname}/x`, "theirs");
    expect(kinds([open], { ...observed, applications: [...observed.applications, theirs] })).toEqual([
      "remove-routes e1",
      "refuse e1",
    ]);
  });

  it("stays open above somebody's wildcard, and not below it", () => {
    const wildcard = rawRoute("*.lakeside.example", "http://any:80", null);
    expect(kinds([open], everything(open, [routeOf(open), wildcard]))).toEqual([]);
    expect(kinds([open], everything(open, [wildcard, routeOf(open)]))).toEqual([
      "remove-routes e1",
      "refuse e1",
    ]);
  });
});

describe("closing", () => {
  it("is route, connectors, record, tokens, application, and a look from outside", () => {
    expect(kinds([closing], everything(closing))).toEqual([
      "remove-routes e1",
      "await-connectors e1",
      "remove-record e1",
      "revoke-tokens e1",
      "remove-application e1",
      "prove-closed e1",
      "settle-closed e1",
    ]);
  });

  it("keeps the gate while a connector still serves an older document", () => {
    const observed = everything(closing, []);
    const behind = observed.connectors.map((each) => ({ ...each, configVersion: 4 }));
    expect(kinds([closing], { ...observed, connectors: behind })[0]).toBe("await-connectors e1");
    const silent = observed.connectors.map((each) => ({ ...each, configVersion: null }));
    expect(kinds([closing], { ...observed, connectors: silent })[0]).toBe("await-connectors e1");
  });

  it("keeps the gate while somebody else's rule leads the hostname to a service", () => {
    const stages = kinds(
      [closing],
      everything(closing, [rawRoute("*.lakeside.example", "http://any:80", null)]),
    );
    expect(stages.findIndex((each) => each.includes("await-clearance e1"))).toBeLessThan(
      stages.indexOf("remove-application e1"),
    );
  });

  it("takes a record of ours away wherever it was moved to", () => {
    const moved = { ...idealRecord(targetOf(closing), "record-1"), name: "moved.lakeside.example" };
    expect(kinds([closing], { ...nothing(), records: [moved] })).toContain("remove-record e1");
  });

  it("is looked at from outside though the store knew of nothing, where something was taken down", () => {
    const restored = approvedExposure({ phase: "closing", approvedMinutes: null, endsAt: null });
    const found = kinds([restored], everything(restored));
    expect(found).toContain("remove-routes e1");
    const steps = [{ step: "application-removed" as const, at: restored.requestedAt }];
    const after = { ...restored, progress: { ...restored.progress, steps } };
    expect([found, kinds([after], nothing())].map((each) => each.slice(-2))).toEqual([
      ["prove-closed e1", "settle-closed e1"],
      ["prove-closed e1", "settle-closed e1"],
    ]);
  });

  it("is settled at once where nothing ever stood, and silent once it is settled", () => {
    expect(kinds([approvedExposure({ phase: "closing" })], nothing())).toEqual(["settle-closed e1"]);
    expect(kinds([{ ...closing, phase: "closed" }], nothing())).toEqual([]);
  });
});
