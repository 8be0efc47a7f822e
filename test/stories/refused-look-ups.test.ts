// A request that could not be judged since vendors refuse what has to be looked up: who asks is told whom to tell, and what has
// to be mended is in the log.
import { afterAll, beforeAll, expect, test } from "vitest";
import { trailOf } from "../trail.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const TELL = "Tell a Drawbridge admin: /expose doctor shows what is missing.";
const VALUES = { "expose.audience": ["employees"], "form.duration": "60", "form.reason": "Audit" };

test("what only an admin can mend is said in short under its field, and in full in the log", async () => {
  const { asha, sandbox, logged } = world;
  const { faults } = sandbox.shared;
  const noGroup = { kind: "status", status: 200, body: { ok: false, error: "no_such_subteam" } } as const;
  await asha.opensForm("grafana");
  faults.add({ vendor: "slack", path: "usergroups\\.users\\.list", times: 0, effect: noGroup });
  faults.add({ vendor: "google", method: "GetService", times: 0, effect: { kind: "status", status: 7 } });
  faults.add({
    vendor: "cloudflare",
    path: "/dns_records",
    times: 0,
    effect: { kind: "status", status: 403 },
  });

  const told = await asha.submits(VALUES);
  expect(told?.service).toContain(`Drawbridge cannot read the Cloud Run services just now. ${TELL}`);
  expect(told?.service).toContain(
    `Drawbridge cannot look up people and user groups in Slack just now. ${TELL}`,
  );
  expect(told?.hostname).toBe(`Drawbridge cannot see just now what stands at Cloudflare. ${TELL}`);
  const said = logged.filter((line) => line.includes("a look-up for a form failed")).join("");
  for (const full of ["roles/run.viewer", "no_such_subteam", "DNS Edit on the zone"])
    expect(said).toContain(full);

  faults.clear();
  expect(await asha.submits(VALUES)).toBeNull();
});

test("what keeps an admin's command from being judged is in the audit, with whether waiting helps", async () => {
  const { faults } = world.sandbox.shared;
  const commands = ["freeze", "unfreeze", "close-all", "doctor"];
  for (const error of ["missing_scope", "internal_error"]) {
    const effect = { kind: "status", status: 200, body: { ok: false, error } } as const;
    faults.add({ vendor: "slack", path: "users\\.info", times: 0, effect });
    for (const command of commands) await world.tom.isAnswered(command);
    faults.clear();
  }
  const rows = (await trailOf(world)).filter((row) => row.actor === "U0TOM");
  expect(rows.map(({ action, outcome, details }) => ({ action, outcome, details }))).toEqual(
    [false, true].flatMap((mayPass) =>
      commands.map((action) => {
        const details = { because: "lookup-failed", what: "account", mayPass };
        return { action, outcome: "lookup-failed", details };
      }),
    ),
  );
});
