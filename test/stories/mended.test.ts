// What somebody changes at Cloudflare while an exposure is open, and the bot puts right, leaves its trail in the audit every
// time: what was found and needed, and that it is done.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../src/store/audit.ts";
import { expose, isOpen } from "../exposing.ts";
import { handOf, isRight } from "../hands.ts";
import { trailOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
let host: string;
beforeAll(async () => {
  world = await createWorld({ env: { SWEEP_SECONDS: "600" } });
  host = await expose(world, { service: "grafana", duration: 1440 });
});
afterAll(() => world.close());

async function convergeRows(): Promise<AuditEntry[]> {
  return (await trailOf(world, host)).filter(({ actor }) => actor === "converge");
}

const MENDED: [hand: string, needed: string, done: string][] = [
  ["our route is taken out", "add-routes", "opened"],
  ["the lock is taken off our route", "remove-routes", "opened"],
  ["our application is deleted", "ensure-application", "opened"],
  ["our application lets everybody by", "ensure-application", "opened"],
  ["our application lets any log-in by", "ensure-application", "opened"],
  ["our application covers another hostname", "ensure-application", "opened"],
  ["our log-ins are made to last", "ensure-application", "step: application"],
  ["our record is deleted", "ensure-record", "step: record"],
  ["our record leads elsewhere", "ensure-record", "step: record"],
  ["our record is not proxied any more", "ensure-record", "step: record"],
];

test.each(MENDED)("%s: it took %s, and is done", async (name, needed, done) => {
  for (const time of ["the first", "the second"]) {
    const before = (await convergeRows()).length;
    handOf(name).edit(world, host);
    world.sandbox.shared.clock.forward(61_000);
    const rows = await world.until(`it is mended ${time} time`, async () => {
      const since = (await convergeRows()).slice(before);
      return since.at(-1)?.action === done && isOpen(world, host) && isRight(world, host) ? since : null;
    });
    expect(rows[0]).toMatchObject({ action: "drift", outcome: "ok" });
    expect(rows[0]?.details.steps).toContain(needed);
    expect(rows.map(({ action }) => action).filter((each) => ["drift", done].includes(each))).toEqual([
      "drift",
      done,
    ]);
  }
});

test("where a record that was led elsewhere had led is kept", async () => {
  const found = (await convergeRows()).flatMap(({ details }) => details.record ?? []);
  expect(found).toContainEqual({ type: "CNAME", content: "elsewhere.example.net", proxied: true });
});
