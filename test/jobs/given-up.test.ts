// What an exposure that is given up says of why: it never opened, or somebody's hand or a service made an end of it.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { targetOf } from "../../src/domain/target.ts";
import type { Outcome } from "../../src/services/edge-pass.ts";
import { onPostgres } from "../engines.ts";
import { ASKED, NOON, pendingExposure, storeOn } from "../store/sample-exposure.ts";
import { settlingOn } from "./settling-on.ts";

type End = Extract<Outcome, { kind: "refused" | "reached" }>;

const LOCAL = { kind: "refused", because: { obstacle: "tunnel-local" } } as const;
const GONE = { kind: "refused", because: { obstacle: "all-gone" } } as const;
const DELETED = { kind: "refused", because: { obstacle: "service-changed", change: "gone" } } as const;
const STRANGER = { kind: "reached", status: 200 } as const;

test.each([
  [LOCAL, { phase: "opening" }, "cannot-open"],
  [DELETED, { phase: "opening" }, "cannot-open"],
  [LOCAL, { phase: "opening", openedAt: NOON }, "drift"],
  [LOCAL, { phase: "open", openedAt: NOON }, "drift"],
  [GONE, { phase: "open", openedAt: NOON }, "all-gone"],
  [DELETED, { phase: "opening", openedAt: NOON }, "service-gone"],
  [STRANGER, { phase: "opening" }, "hole"],
  [STRANGER, { phase: "open", openedAt: NOON }, "hole"],
] as const)("%j of %j: %s", async (end, change, because) => {
  const database = await onPostgres();
  const exposures = storeOn(database);
  const exposure = pendingExposure(change as Partial<Exposure>);
  await exposures.submit(exposure, ASKED);
  const settling = settlingOn(database, exposures, NOON);
  const goesOn = await settling.record(targetOf(exposure), { ...end, exposureId: exposure.id } as End);
  expect(goesOn).toBe(false);
  expect(await exposures.load(exposure.id)).toMatchObject({ phase: "closing", closing: { because } });
});
