// Incidents in the store: they survive, two lookers open one, messages are sent once, clicks count once.
import { beforeAll, expect, it } from "vitest";
import { type Incident, standingMembers } from "../../src/domain/incident.ts";
import { acknowledge, mute } from "../../src/domain/incident-acts.ts";
import { type AuditEntry, readAudit } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import type { Wake } from "../../src/store/exposures.ts";
import { createIncidentMessages } from "../../src/store/incident-messages.ts";
import { createIncidents } from "../../src/store/incidents.ts";
import { onBothEngines } from "../engines.ts";
import { incident, member } from "../views/incident-samples.ts";

const NOON = new Date("2026-11-23T12:00:00Z");
const LONG_AGO = new Date(0);

function minutes(past: number): Date {
  return new Date(NOON.getTime() + past * 60_000);
}

onBothEngines("incidents", (open) => {
  let database: Database;
  let ids = 0;
  let looks = 0;
  beforeAll(async () => {
    database = await open();
  });

  function storeNow() {
    const woken: Wake[] = [];
    const wake = async (_trx: unknown, wakes: Wake[]) => void woken.push(...wakes);
    return {
      incidents: createIncidents({ db: database.db, wake }),
      messages: createIncidentMessages(database.db),
      woken,
    };
  }

  /** Of a tunnel that no other test has. */
  function fresh(change: Partial<Incident> = {}): Incident {
    const id = `i${++ids}`;
    return incident({ id, members: [member({ tunnelId: `tunnel-${id}` })], ...change });
  }

  function nextLook(): Date {
    return minutes(++looks);
  }

  async function stored(change: Partial<Incident> = {}): Promise<Incident> {
    const added = fresh(change);
    await storeNow().incidents.look(nextLook(), LONG_AGO, () => ({ watches: [], incidents: [added] }));
    return added;
  }

  it("keep everything, and are found by the newest", async () => {
    const { incidents } = storeNow();
    const added = await stored({
      acknowledged: { by: "U0LEE", at: minutes(2) },
      muted: { by: "U0LEE", until: minutes(62) },
      told: [{ requesterId: "U0ASHA", tunnelIds: ["t1"], hostnames: ["a.example"] }],
    });
    expect(await incidents.load(added.id)).toEqual(added);
    expect(await incidents.latest(100)).toContainEqual(added);
  });

  it("what the watch remembers comes back as it was", async () => {
    const { incidents } = storeNow();
    const watch = {
      tunnelId: "t1",
      lookedAt: minutes(1),
      downSince: NOON,
      amissSince: null,
      calmSince: null,
      diagnosedSince: { "tcp-7844-blocked": NOON },
      connectors: [{ id: "c1", connections: 4, drops: [NOON, minutes(1)] }],
    };
    await incidents.look(nextLook(), LONG_AGO, () => ({ watches: [watch], incidents: [] }));
    await incidents.look(nextLook(), LONG_AGO, (known) => {
      expect(known.watches).toEqual([watch]);
      return { watches: [], incidents: [] };
    });
  });

  it("a look that is older than the last changes nothing", async () => {
    const { incidents } = storeNow();
    const late = new Date(nextLook().getTime() - 3_600_000);
    const asked: unknown[] = [];
    const answer = await incidents.look(late, LONG_AGO, (known) => {
      asked.push(known);
      return known;
    });
    expect([answer, asked]).toEqual([null, []]);
  });

  it("two that look at one moment open one incident between them", async () => {
    const at = nextLook();
    const tunnelId = "tunnel-of-two";
    const outcomes = await Promise.allSettled(
      [1, 2].map((looker) =>
        storeNow().incidents.look(at, LONG_AGO, ({ incidents }) => {
          const mine = incidents.filter((each) =>
            standingMembers(each).some((one) => one.tunnelId === tunnelId),
          );
          const added = fresh({ id: `of-two-${looker}`, members: [member({ tunnelId })] });
          return { watches: [], incidents: mine.length > 0 ? [] : [added] };
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const latest = await storeNow().incidents.latest(100);
    const opened = latest.filter(({ members }) => members.some((one) => one.tunnelId === tunnelId));
    expect(opened).toHaveLength(1);
  });

  it("the database refuses a second open one of a kind on a tunnel", async () => {
    const { incidents } = storeNow();
    const first = await stored();
    const second = fresh({ members: first.members });
    const adding = incidents.look(nextLook(), LONG_AGO, () => ({ watches: [], incidents: [second] }));
    await expect(adding).rejects.toMatchObject({ code: "23505" });
  });

  it("a change wakes whoever draws, and one that nobody sees does not", async () => {
    const first = await stored();
    const { incidents, woken } = storeNow();
    const unseen = { ...first, members: [{ ...first.members[0]!, goodSince: minutes(1) }] };
    await incidents.look(nextLook(), LONG_AGO, () => ({ watches: [], incidents: [unseen] }));
    expect(woken).toEqual([]);
    await incidents.look(nextLook(), LONG_AGO, () => ({
      watches: [],
      incidents: [{ ...unseen, version: 2 }],
    }));
    expect(woken).toEqual([{ job: "alert", incidentId: first.id }]);
  });

  it("messages wait until they are sent, and the same is never added twice", async () => {
    const told = [{ requesterId: "U0ASHA", tunnelIds: ["t-told"], hostnames: ["a.example"] }];
    const first = await stored({ told, members: [member({ tunnelId: "t-told" })] });
    const { incidents, messages } = storeNow();
    await incidents.look(nextLook(), LONG_AGO, () => ({ watches: [], incidents: [{ ...first, told: [] }] }));
    await incidents.look(nextLook(), LONG_AGO, () => ({
      watches: [],
      incidents: [{ ...first, version: 2 }],
    }));
    const [unsent, ...more] = await messages.unsent(first.id);
    expect(unsent).toMatchObject({ kind: "unreachable", recipient: "U0ASHA", hostnames: ["a.example"] });
    expect(more).toEqual([]);
    expect(await messages.behind()).toContain(first.id);
    await messages.sent(unsent!.id, NOON, { channel: "D1", ts: "1.1" });
    await messages.setMessage(first.id, { channel: "C1", ts: "2.2" });
    await messages.setAnnounced(first.id, 2);
    expect(await messages.unsent(first.id)).toEqual([]);
    expect(await messages.behind()).not.toContain(first.id);
    expect((await incidents.load(first.id))?.message).toEqual({ channel: "C1", ts: "2.2" });
  });

  it("a click counts once, and each is in the audit with its outcome", async () => {
    const first = await stored();
    const { incidents } = storeNow();
    const click = (actor: string, key: string) =>
      incidents.act(first.id, { actor, action: "acknowledge", at: minutes(3), key }, (each) =>
        acknowledge(each, actor, minutes(3)),
      );
    await Promise.all([click("U0LEE", `a ${first.id}`), click("U0LEE", `a ${first.id}`)]);
    expect(await click("U0MINA", `b ${first.id}`)).toEqual({
      ok: false,
      because: "incident-acknowledged",
      by: "U0LEE",
    });
    const after = await incidents.load(first.id);
    expect(after).toMatchObject({ version: 2, acknowledged: { by: "U0LEE" } });
    const ours: AuditEntry[] = [];
    for await (const row of readAudit(database.db, LONG_AGO))
      if (row.details.incident === first.id && row.action === "acknowledge") ours.push(row);
    expect(ours.map(({ actor, outcome }) => [actor, outcome])).toEqual([
      ["U0LEE", "ok"],
      ["U0MINA", "incident-acknowledged"],
    ]);
  });

  it("what is muted is still known at the next look, however long ago it ended", async () => {
    const first = await stored();
    const { incidents } = storeNow();
    await incidents.act(first.id, { actor: "U0LEE", action: "mute", at: minutes(900) }, (each) =>
      mute(each, "U0LEE", minutes(900)),
    );
    const over = { phase: "ended" as const, endedAt: NOON };
    const muted = await incidents.load(first.id);
    const ended = { ...muted!, ...over, members: muted!.members.map((each) => ({ ...each, endedAt: NOON })) };
    await incidents.look(nextLook(), LONG_AGO, () => ({ watches: [], incidents: [ended] }));
    await incidents.look(nextLook(), minutes(500), (known) => {
      expect(known.incidents.map(({ id }) => id)).toContain(first.id);
      return { watches: [], incidents: [] };
    });
  });
});
