// Which cause an incident names when it is not the only one in its life.
import { expect, it } from "vitest";
import type { Cause } from "../../src/domain/diagnosis/facts.ts";
import { diagnosis, type Sight, watchedTunnels } from "./watched-tunnels.ts";

const UP: Sight = { state: "up", connectors: { a: 4, b: 4 } };
const DOWN: Sight = { state: "down", connectors: { a: 0 } };

it("what comes back with another cause says so at once, and not what it was the last time", () => {
  const watch = watchedTunnels();
  watch.sees(70, down("quic-blocked"));
  watch.sees(70, { one: UP });
  expect(watch.open()).toEqual([]);
  watch.sees(70, down("tcp-7844-blocked"));
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "tcp-7844-blocked" }]);
  // It has to be calm for long now, and breaks for a third reason before that.
  watch.sees(70, { one: UP });
  watch.sees(70, { one: DOWN });
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "outage" }]);
  watch.sees(5, down("token-rejected"));
  expect(watch.open()).toMatchObject([{ rounds: 2, cause: "token-rejected", causes: 3 }]);
  expect(kinds(watch).filter((kind) => kind === "cause")).toHaveLength(2);
});

it("two reasons that take turns with no calm between them are told as the first of them", () => {
  const watch = watchedTunnels();
  for (let turn = 0; turn < 5; turn++) {
    watch.sees(60, down("quic-blocked"));
    watch.sees(5, { one: UP });
    watch.sees(60, down("tcp-7844-blocked"));
  }
  expect(watch.open()).toMatchObject([{ rounds: 1, cause: "quic-blocked" }]);
  expect(kinds(watch)).toEqual([]);
});

function down(cause: Cause): Record<string, Sight> {
  return { one: { ...DOWN, diagnoses: [diagnosis({ cause })] } };
}

function kinds({ told }: ReturnType<typeof watchedTunnels>): string[] {
  return told.map(({ kind }) => kind);
}
