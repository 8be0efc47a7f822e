// What set-up and rotation do next, from whatever stands; and that both always come to an end.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foresee, rotationOf, type Standing, setupOf } from "../../src/domain/provisioning.ts";
import {
  at,
  connector,
  FAILED,
  kinds,
  NOTHING,
  pool,
  RUNNING,
  TUNNEL,
  version,
} from "./provisioning-samples.ts";

describe("set-up", () => {
  it.each<[string, Partial<Standing>, string[]]>([
    [
      "from nothing",
      NOTHING,
      ["create-tunnel", "create-secret", "add-version", "grant-secret", "create-pool", "await-connectors"],
    ],
    ["all of it there", {}, []],
    [
      "a secret without the token of today",
      { versions: [version("1", 0, false)] },
      ["add-version", "point-pool"],
    ],
    ["a pool that takes another version", { versions: [version("3", 2, true)] }, ["point-pool"]],
    ["a pool that takes another secret", { pinned: null }, ["point-pool"]],
    [
      "a pool that takes another secret, and may not read ours",
      { pinned: null, granted: false },
      ["grant-secret", "point-pool"],
    ],
    ["a pool that comes up", { pool: pool({ reconciling: true }) }, ["await-pool"]],
    [
      "a connector that is not up yet",
      { connectors: [connector("a", 5), connector("b", 5, 0)] },
      ["await-connectors"],
    ],
    ["a tunnel of a local file", { tunnel: { ...TUNNEL, remotelyManaged: false } }, ["tunnel-local"]],
    ["a pool without the variable", { takesToken: false, pinned: null }, ["pool-takes-no-token"]],
    ["a revision that failed in a run before", { pool: pool(FAILED) }, ["renew-pool"]],
    [
      "one that failed since it may not read the token",
      { pool: pool(FAILED), granted: false },
      ["grant-secret", "renew-pool"],
    ],
  ])("%s", (_, change, expected) => {
    expect(kinds({ ...RUNNING, ...change })).toEqual(expected);
  });

  it("makes one new revision of a pool that had failed, waits for it to show, and stops if it fails too", () => {
    const before = { ...RUNNING, pool: pool(FAILED) };
    const decide = setupOf(before, 2);
    expect(decide(before)).toEqual({ kind: "renew-pool" });
    expect(decide(before)).toEqual({ kind: "await-pool" });
    const after = { ...FAILED.failedRevision, name: "r3", message: "no again" };
    expect(decide({ ...RUNNING, pool: pool({ etag: "2", failedRevision: after }) })).toEqual({
      kind: "stopped",
      because: "pool-failed",
      detail: "no again",
    });
  });

  it("stops at a revision that fails in this very run", () => {
    const decide = setupOf({ ...RUNNING, pool: pool({ reconciling: true }) }, 2);
    expect(decide({ ...RUNNING, pool: pool(FAILED) })).toMatchObject({ because: "pool-failed" });
  });
});

describe("rotation", () => {
  const rotate = (standing: Standing) => kinds(standing, rotationOf(standing, 2));

  it("makes a new token, brings it in, waits for its connectors, and only then ends the old ones", () => {
    expect(rotate(RUNNING)).toEqual([
      "renew-token",
      "add-version",
      "point-pool",
      "await-connectors",
      "drop-connectors",
      "disable-versions",
    ]);
  });

  it.each<[string, Partial<Standing>, string[]]>([
    [
      "died after the new token",
      { versions: [version("1", 0, false)] },
      ["add-version", "point-pool", "await-connectors", "drop-connectors", "disable-versions"],
    ],
    [
      "died before the pool took it",
      { versions: [version("2", 9, true), version("1", 0, false)] },
      ["point-pool", "await-connectors", "drop-connectors", "disable-versions"],
    ],
  ])("%s: goes on there, with no second token", (_, change, expected) => {
    expect(rotate({ ...RUNNING, ...change })).toEqual(expected);
  });

  it("does not end an old connector while the new ones are not all up", () => {
    const versions = [version("2", 9, true), version("1", 0, false)];
    const connectors = [connector("a", 5), connector("b", 5), connector("c", 10)];
    const before = { ...RUNNING, versions, pinned: "1", connectors };
    expect(rotationOf(before, 2)({ ...before, pinned: "2" })).toEqual({
      kind: "await-connectors",
      running: 1,
      wanted: 2,
    });
  });

  it.each([{ versions: null }, { pool: null }, { pinned: null }, { tunnel: null }])(
    "has nothing to do where nothing is set up: %j",
    (change) => {
      expect(rotate({ ...RUNNING, ...change })).toEqual(["not-set-up"]);
    },
  );
});

describe("from whatever stands", () => {
  const versions = fc.option(
    fc
      .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 })
      .chain((numbers) =>
        fc
          .integer({ min: -1, max: 4 })
          .map((current) =>
            numbers
              .sort((a, b) => b - a)
              .map((number, index) => version(String(number), number, index === current)),
          ),
      ),
  );
  const standing: fc.Arbitrary<Standing> = fc.record({
    tunnel: fc.option(fc.record({ ...recordOf(TUNNEL), remotelyManaged: fc.boolean() })),
    versions,
    pool: fc.option(
      fc
        .tuple(fc.boolean(), fc.boolean())
        .map(([reconciling, failed]) => pool({ reconciling, ...(failed ? FAILED : {}) })),
    ),
    granted: fc.boolean(),
    takesToken: fc.boolean(),
    pinned: fc.option(fc.constantFrom("1", "2", "9", "latest")),
    connectors: fc.array(
      fc.record({
        id: fc.uuid(),
        startedAt: fc.option(fc.constantFrom(at(0), at(20))),
        connections: fc.nat(4),
      }),
      { maxLength: 4 },
    ),
  });

  it("each ends, does nothing twice, and never ends an old connector before as many new ones run", () => {
    fc.assert(
      fc.property(standing, fc.boolean(), fc.boolean(), (each, rotation, dropOthers) => {
        const decide = rotation ? rotationOf(each, 2, dropOthers) : setupOf(each, 2);
        const steps = foresee(each, (now) => {
          const step = decide(now);
          if (step?.kind === "drop-connectors") expect(newerThan(now)).toBeGreaterThanOrEqual(2);
          return step;
        });
        const said = steps.map(({ kind }) => kind);
        expect(new Set(said).size).toBe(said.length);
      }),
      { numRuns: 3000 },
    );
  });
});

function newerThan({ versions, connectors }: Standing): number {
  const held = versions?.find((each) => each.current);
  return connectors.filter(
    ({ startedAt, connections }) => held && startedAt && startedAt >= held.createdAt && connections > 0,
  ).length;
}

function recordOf<T extends object>(value: T) {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fc.constant(each)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}
