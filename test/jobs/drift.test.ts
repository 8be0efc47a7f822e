// What others change at an open exposure and the bot puts right leaves one trail in the audit for each time that it is found:
// what was needed, and that it is done. What is right leaves none, nor does a fault on the way, beyond its own.
import { expect, test } from "vitest";
import { type Exposure, minutesAfter } from "../../src/domain/exposure.ts";
import type { Observed } from "../../src/domain/observed.ts";
import { plan } from "../../src/domain/plan.ts";
import type { StepName } from "../../src/domain/progress.ts";
import { targetOf } from "../../src/domain/target.ts";
import { transition } from "../../src/domain/transition.ts";
import { createSettling } from "../../src/jobs/settling.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { readAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { createGuards } from "../../src/store/guards.ts";
import { TUNNEL_ID } from "../domain/exposure-sample.ts";
import { everything, known, RULES } from "../domain/plan-scenes.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { ASHA, ASKED, minutesPast, NOON, pendingExposure, storeOn } from "../store/sample-exposure.ts";

const AWAY = new ServiceFailure({
  kind: "retry",
  vendor: "cloudflare",
  operation: "dns.records.update",
  message: "Cloudflare does not answer.",
});

const LED_AWAY = { type: "CNAME", content: "elsewhere.example.net", proxied: true };

onBothEngines("drift", (open) => {
  async function scene() {
    const database = await open();
    const store = storeOn(database);
    const endsAt = minutesPast(120);
    const times = { decidedAt: NOON, openedAt: NOON, endsAt, until: endsAt };
    const exposure = known(
      pendingExposure({ phase: "open", approvedMinutes: 120, ...times, tunnelId: TUNNEL_ID }),
    );
    await store.submit(exposure, ASKED);
    const guards = createGuards(database.db);
    const now = () => minutesPast(10);
    const settling = createSettling({ exposures: store, guards, whyForbidden: () => null, now, log: quiet });
    const load = async () => (await store.load(exposure.id)) as Exposure;
    const right = everything(exposure);
    return {
      database,
      store,
      settling,
      load,
      right,
      ledAway: { ...right, records: right.records.map((each) => ({ ...each, ...LED_AWAY })) },
      lasting: {
        ...right,
        applications: right.applications.map((each) => ({ ...each, sessionMinutes: 43_200 })),
      },
      find: async (observed: Observed) => {
        const due = await load();
        await settling.noteDrift([due], plan([targetOf(due)], observed, RULES), observed);
      },
      did: async (step: StepName) => {
        const due = await load();
        await settling.record(targetOf(due), { exposureId: due.id, kind: "done", step });
      },
      failed: async () => {
        const due = await load();
        await settling.record(targetOf(due), { exposureId: due.id, kind: "fault", error: AWAY });
      },
      finish: async () => settling.finish([targetOf(await load())]),
      trail: () => trail(database),
    };
  }

  async function trail({ db }: Database): Promise<string[]> {
    const actions: string[] = [];
    for await (const { action, actor } of readAudit(db, new Date(0)))
      if (actor === "converge") actions.push(action);
    return actions;
  }

  async function details({ db }: Database, wanted: string) {
    const all: Record<string, unknown>[] = [];
    for await (const { action, details } of readAudit(db, new Date(0)))
      if (action === wanted) all.push(details);
    return all;
  }

  test("each time that our record leads elsewhere: where to, and that it is put right", async () => {
    const { find, did, finish, trail, ledAway, load, database } = await scene();
    const pair = ["drift", "step: record"];
    for (const trails of [pair, [...pair, ...pair]]) {
      await find(ledAway);
      await did("record");
      await finish();
      expect(await trail()).toEqual(trails);
    }
    expect(await load()).toMatchObject({ phase: "open", progress: { drifted: [] } });
    expect((await details(database, "drift"))[0]).toMatchObject({
      steps: ["ensure-record"],
      record: LED_AWAY,
    });
  });

  test("a record that is gone, and a gate that is put right without its route, each time", async () => {
    const { find, did, trail, right, lasting, database } = await scene();
    await find({ ...right, records: [] });
    await did("record");
    for (let times = 0; times < 2; times++) {
      await find(lasting);
      await did("application");
    }
    const gate = ["drift", "step: application"];
    expect(await trail()).toEqual(["drift", "step: record", ...gate, ...gate]);
    const found = await details(database, "drift");
    expect(found.map(({ steps, record }) => [steps, record])).toEqual([
      [["ensure-record"], null],
      [["ensure-application"], undefined],
      [["ensure-application"], undefined],
    ]);
  });

  test("nothing where all is right", async () => {
    const { find, finish, trail, load, right } = await scene();
    const before = await load();
    await find(right);
    await finish();
    expect(await trail()).toEqual([]);
    expect(await load()).toEqual(before);
  });

  test("a vendor that fails over and over repeats its fault, not the drift", async () => {
    const { find, did, failed, trail, ledAway } = await scene();
    // The look may fail before it finds anything.
    await failed();
    for (let times = 0; times < 3; times++) {
      await find(ledAway);
      await failed();
    }
    await find(ledAway);
    await did("record");
    const faults = Array.from({ length: 3 }, () => "vendor error");
    expect(await trail()).toEqual(["vendor error", "drift", ...faults, "step: record"]);
  });

  test("what else is found before the first is put right is said", async () => {
    const { find, did, trail, ledAway, lasting } = await scene();
    const both = { ...lasting, records: ledAway.records };
    await find(ledAway);
    await find(both);
    await find(both);
    await did("application");
    await find(ledAway);
    await did("record");
    expect(await trail()).toEqual(["drift", "drift", "step: application", "step: record"]);
  });

  test("what is found right again is done, and drifts anew", async () => {
    const { find, finish, trail, ledAway, load, right, store } = await scene();
    await find(ledAway);
    // The process died when it had put it right, or somebody else did.
    await find(right);
    await finish();
    expect(await trail()).toEqual(["drift", "step: record"]);
    const { id, endsAt, progress } = await load();
    expect(progress.drifted).toEqual([]);
    expect((await store.schedulesOf(TUNNEL_ID)).find((each) => each.id === id)?.next).toEqual(endsAt);
    await find(ledAway);
    expect(await trail()).toEqual(["drift", "step: record", "drift"]);
  });

  test("more time is no drift: its record is written anew, and that is said", async () => {
    const { find, did, trail, right, ledAway, store, load } = await scene();
    const { id } = await load();
    const at = minutesPast(5);
    const wish = { kind: "extend", minutes: 60, free: true, approvalsNeeded: 1, reason: "more" } as const;
    await store.advance(id, { ...ASKED, action: "extend", at }, (each) =>
      transition(each, { ...wish, by: ASHA, right: null, at, lapsesAt: minutesAfter(at, 60) }),
    );
    await find(right);
    await did("record");
    expect(await trail()).toEqual(["step: record"]);
    await find(ledAway);
    expect(await trail()).toEqual(["step: record", "drift"]);
  });

  test("where the route has to go first, it says so once, and all of it is to be done", async () => {
    const { find, trail, right, ledAway, load, database } = await scene();
    await find(ledAway);
    await find({ ...ledAway, applications: [], config: right.config });
    await find({ ...ledAway, applications: [] });
    expect(await trail()).toEqual(["drift", "drift"]);
    expect((await details(database, "drift"))[1]?.steps).toContain("remove-routes");
    expect(await load()).toMatchObject({ phase: "opening", progress: { drifted: [], steps: [] } });
  });
});
