// What Slack takes late says what is so by then: what has been overtaken is not said any more, and the audit has that. The card is
// drawn where it is behind, and what belongs in its thread waits for it.
import { beforeAll, expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { type Event, transition } from "../../src/domain/transition.ts";
import { type AnnounceTools, createAnnounce } from "../../src/jobs/announce.ts";
import type { ServiceFailure } from "../../src/services/failure.ts";
import { fromCode, fromStatus } from "../../src/services/slack-failure.ts";
import { createAnnouncements } from "../../src/store/announcements.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { createExposures } from "../../src/store/exposures.ts";
import type { SlackMessage } from "../../src/views/parts.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { ASKED, LEADS, minutesPast, NOON, pendingExposure } from "../store/sample-exposure.ts";
import { wordsOf } from "../views/reading.ts";

const CARD = { channel: "C0APPROVALS", ts: "1893499200.000200" };
const POST = "chat.postMessage";

/** An exposure in the store, and a Slack that takes what it is told, or fails. */
async function start({ db }: Database, exposure: Exposure) {
  const announcements = createAnnouncements(db);
  const store = createExposures({
    db,
    wake: async () => undefined,
    digestOf: () => "digest",
    decidersOf: () => LEADS,
  });
  await store.submit(exposure, ASKED);
  const said: string[] = [];
  const audit: AuditEntry[] = [];
  let failure: ServiceFailure | null = null;
  let minute = 0;
  const take = async (to: string, message: SlackMessage) => {
    if (failure) throw failure;
    said.push(`${to}: ${wordsOf(message)}`);
    return CARD;
  };
  const drawing = { count: 0, meanwhile: async () => {} };
  const slack = {
    updateMessage: async () => {
      drawing.count += 1;
      await drawing.meanwhile();
    },
    postMessage: (message: SlackMessage & { threadTs?: string }) =>
      take(message.threadTs ? "thread" : "channel", message),
    directMessage: take,
  };
  const announce = createAnnounce({
    load: store.load,
    announcements,
    audit: async (entries: AuditEntry[]) => void audit.push(...entries),
    slack: slack as object as AnnounceTools["slack"],
    channel: CARD.channel,
    alerts: "C0ALERTS",
    installation: "drawbridge",
    decidersOf: () => ({ groups: ["S0LEADS"], people: [] }),
    names: async () => ({}),
    loginsOf: async () => null,
    now: () => minutesPast(minute),
    log: quiet,
  });
  return {
    happens: async (at: number, event: Event) => {
      minute = at;
      const act = { actor: "sweep", action: event.kind, at: minutesPast(at) };
      await store.advance(exposure.id, act, (current) => transition(current, event));
    },
    /** Answers what was said by it. */
    announced: async (at: number, away: ServiceFailure | null = null) => {
      minute = at;
      failure = away;
      said.length = 0;
      const run = announce(exposure.id);
      await (away ? expect(run).rejects.toBe(away) : run);
      return [...said];
    },
    drawing,
    waiting: async () => (await announcements.unsent(exposure.id)).map(({ kind }) => kind),
    outcomes: () => audit.map(({ action, outcome }) => `${action}: ${outcome}`),
  };
}

function openExposure(): Exposure {
  const endsAt = minutesPast(240);
  const times = { decidedAt: NOON, openedAt: NOON, endsAt, until: endsAt };
  return pendingExposure({ phase: "open", approvedMinutes: 240, card: CARD, ...times });
}

onBothEngines("messages that were overtaken", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test("a reminder that the channel took too late is not said, whatever became of the request", async () => {
    const trial = await start(database, pendingExposure({ card: CARD, lapsesAt: minutesPast(480) }));
    await trial.happens(240, { kind: "reminded" });
    expect(await trial.announced(240, fromCode(POST, "not_in_channel"))).toEqual([]);
    await trial.happens(480, { kind: "lapse", at: minutesPast(480) });
    expect(await trial.announced(3000)).toEqual([expect.stringContaining("nothing was opened")]);
    expect(await trial.waiting()).toEqual([]);
    expect(trial.outcomes()).toEqual(["message: reminder: overtaken", "message: lapsed: ok"]);
    expect(await trial.announced(3001)).toEqual([]);
  });

  test("a notice before an end that has come is not said", async () => {
    const trial = await start(database, openExposure());
    await trial.happens(180, { kind: "noticed", notice: "1h" });
    await trial.announced(180, fromStatus(POST, 503));
    await trial.happens(240, { kind: "end", because: "ended", detail: null, at: minutesPast(240) });
    expect(await trial.announced(241)).toEqual([]);
    await trial.happens(242, { kind: "closed", at: minutesPast(242) });
    expect(await trial.announced(300)).toEqual([expect.stringContaining("It is closed")]);
    expect(trial.outcomes()).toEqual(["message: ending: overtaken", "message: closed: ok"]);
  });

  test("that it is open is not said once it is closed", async () => {
    const trial = await start(database, { ...openExposure(), phase: "opening", openedAt: null });
    await trial.happens(2, { kind: "opened", at: minutesPast(2) });
    await trial.announced(3, fromStatus(POST, 503));
    await trial.happens(243, { kind: "end", because: "ended", detail: null, at: minutesPast(243) });
    await trial.happens(244, { kind: "closed", at: minutesPast(244) });
    expect(await trial.announced(300)).toEqual([expect.stringContaining("It is closed")]);
    expect(trial.outcomes()).toEqual(["message: open: overtaken", "message: closed: ok"]);
  });

  test("what is late and still so is said", async () => {
    const trial = await start(database, openExposure());
    await trial.happens(180, { kind: "noticed", notice: "1h" });
    await trial.announced(180, fromStatus(POST, 503));
    expect(await trial.announced(190)).toEqual([expect.stringContaining("It ends within the hour, <!date^")]);
    expect(trial.outcomes()).toEqual(["message: ending: ok"]);
  });

  test("a notice never claims more time than is left, also where a little was added shortly before the end", async () => {
    const trial = await start(database, { ...openExposure(), noticed: ["1h", "10m"] });
    const wish = { minutes: 15, free: true, approvalsNeeded: 1, reason: "Nearly done" };
    const { requester: by } = openExposure();
    const at = minutesPast(235);
    await trial.happens(235, { kind: "extend", ...wish, by, at, right: null, lapsesAt: minutesPast(700) });
    await trial.happens(236, { kind: "noticed", notice: "1h" });
    expect((await trial.announced(237))[1]).toContain("It ends within the hour, <!date^");
    await trial.happens(252, { kind: "noticed", notice: "10m" });
    expect(await trial.announced(253)).toEqual([
      expect.stringContaining("It ends within 10 minutes, <!date^"),
    ]);
  });
});

onBothEngines("a card", (open) => {
  test("that shows what is so is not drawn again", async () => {
    const trial = await start(await open(), openExposure());
    await trial.happens(180, { kind: "noticed", notice: "1h" });
    await trial.announced(180);
    await trial.announced(181);
    expect(trial.drawing.count).toBe(1);
    await trial.happens(230, { kind: "noticed", notice: "10m" });
    await trial.announced(230);
    expect(trial.drawing.count).toBe(2);
  });

  test("what happens while it is drawn is told, and not taken for overtaken", async () => {
    const trial = await start(await open(), { ...openExposure(), phase: "opening", openedAt: null });
    trial.drawing.meanwhile = async () => {
      trial.drawing.meanwhile = async () => {};
      await trial.happens(2, { kind: "opened", at: minutesPast(2) });
    };
    expect(await trial.announced(2)).toEqual([expect.stringContaining("It is open: ")]);
    expect(trial.outcomes()).toEqual(["message: open: ok"]);
  });

  test("that the channel does not take keeps what belongs in its thread until it does, and that alone", async () => {
    const trial = await start(await open(), pendingExposure({ card: CARD, lapsesAt: minutesPast(480) }));
    await trial.happens(240, { kind: "reminded" });
    const archived = fromCode("chat.update", "is_archived");
    trial.drawing.meanwhile = () => Promise.reject(archived);
    await expect(trial.announced(240)).rejects.toBe(archived);
    expect([await trial.waiting(), trial.outcomes()]).toEqual([["reminder"], []]);
    trial.drawing.meanwhile = async () => {};
    expect(await trial.announced(241)).toEqual([expect.stringMatching(/^thread: /)]);
    expect(await trial.waiting()).toEqual([]);
  });
});
