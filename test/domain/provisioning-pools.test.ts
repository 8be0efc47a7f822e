// Rotation for one of several pools on a tunnel: it does not cut off the connectors of the others.
import { describe, expect, it } from "vitest";
import { rotationOf } from "../../src/domain/provisioning.ts";
import { connector, kinds, RUNNING, version } from "./provisioning-samples.ts";

describe("beside the connectors of another pool", () => {
  const both = { ...RUNNING, connectors: ["a", "b", "c", "d"].map((id) => connector(id, 5)) };
  const ours = { versions: [version("2", 9, true), version("1", 0, false)], pinned: "2" };
  const fresh = [connector("e", 10), connector("f", 10)];

  it("stops before it cuts them off, also once its own old ones are gone", () => {
    expect(kinds(both, rotationOf(both, 2))).toEqual([
      "renew-token",
      "add-version",
      "point-pool",
      "await-connectors",
      "others-run",
    ]);
    const connectors = [connector("c", 5), connector("d", 5), ...fresh];
    const decide = rotationOf(both, 2);
    expect(decide(both)).toEqual({ kind: "renew-token" });
    expect(decide({ ...both, ...ours, connectors })).toEqual({
      kind: "stopped",
      because: "others-run",
      detail: "2",
    });
  });

  it("ends with the run for that pool, which makes no second token", () => {
    const connectors = [connector("c", 5), connector("d", 5), ...fresh];
    const theirs = { ...both, ...ours, pinned: "1", connectors };
    expect(kinds(theirs, rotationOf(theirs, 2))).toEqual([
      "point-pool",
      "drop-connectors",
      "disable-versions",
    ]);
  });

  it("cuts them off where that is what is wanted", () => {
    expect(kinds(both, rotationOf(both, 2, true))).toContain("drop-connectors");
  });
});
