// What Slack takes late of an incident says what is so by then: nobody is called for what is over, and nobody hears that a
// hostname is back which has been closed since.
import { beforeAll, expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Incident } from "../../src/domain/incident.ts";
import { type AlertTools, createAlert } from "../../src/jobs/alert.ts";
import type { ServiceFailure } from "../../src/services/failure.ts";
import { fromCode, fromStatus } from "../../src/services/slack-failure.ts";
import type { AuditEntry } from "../../src/store/audit.ts";
import type { Database } from "../../src/store/database.ts";
import { createIncidentMessages } from "../../src/store/incident-messages.ts";
import { createIncidents } from "../../src/store/incidents.ts";
import type { SlackMessage } from "../../src/views/parts.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import { ended, incident, member } from "../views/incident-samples.ts";
import { wordsOf } from "../views/reading.ts";
import { exposure, later } from "../views/samples.ts";

const MESSAGE = { channel: "C0ALERTS", ts: "1893499200.000300" };
const ARCHIVED = fromCode("chat.postMessage", "is_archived");
const AWAY = fromStatus("chat.postMessage", 503);
const HOST = "billing.lakeside.example";

let ids = 0;
let looks = 0;

/** An incident in the store, of a tunnel that no other test has, and a Slack that takes what it is told, or fails. */
async function start({ db }: Database, first: Partial<Incident> = {}, hostnames: string[] = []) {
  const store = createIncidents({ db, wake: async () => undefined });
  const incidentMessages = createIncidentMessages(db);
  const id = `late-${++ids}`;
  const tunnelId = `tunnel-${id}`;
  const told = hostnames.length > 0 ? [{ requesterId: "U0ASHA", tunnelIds: [tunnelId], hostnames }] : [];
  const opened = hostnames.map((hostname) => exposure("open", { id: hostname, hostname, tunnelId }));
  const said: string[] = [];
  const audit: AuditEntry[] = [];
  let live = opened;
  let failure: ServiceFailure | null = null;
  let minute = 0;
  let drawn = 0;
  const take = async (to: string, message: SlackMessage) => {
    if (failure) throw failure;
    said.push(`${to}: ${wordsOf(message)}`);
    return MESSAGE;
  };
  const slack = {
    updateMessage: async () => {
      if (failure) throw failure;
      drawn += 1;
    },
    postMessage: (message: SlackMessage & { threadTs?: string }) =>
      take(message.threadTs ? "thread" : "channel", message),
    directMessage: take,
  };
  const alert = createAlert({
    incidents: store,
    incidentMessages,
    audit: async (entries: AuditEntry[]) => void audit.push(...entries),
    slack: slack as object as AlertTools["slack"],
    channel: MESSAGE.channel,
    installation: "drawbridge",
    onCall: "S0ONCALL",
    runbookUrl: null,
    live: async () => live,
    now: () => later(minute),
    log: quiet,
  });
  const becomes = async (at: number, change: Incident) => {
    minute = at;
    const version = ((await store.load(id))?.version ?? 0) + 1;
    await store.look(later(++looks), later(-60), () => ({
      watches: [],
      incidents: [{ ...onTunnel(change), id, version, told, message: MESSAGE }],
    }));
  };
  const onTunnel = (given: Incident) => ({
    ...given,
    members: given.members.map((each) => ({ ...each, tunnelId })),
  });
  await becomes(1, incident(first));
  await incidentMessages.setMessage(id, MESSAGE);
  return {
    becomes,
    opened,
    isLive: (exposures: Exposure[]) => {
      live = exposures;
    },
    /** Answers what was said by it. */
    alerted: async (at: number, away: ServiceFailure | null = null) => {
      minute = at;
      failure = away;
      said.length = 0;
      const run = alert(id);
      await (away ? expect(run).rejects.toBe(away) : run);
      return [...said];
    },
    drawn: () => drawn,
    waiting: async () => (await incidentMessages.unsent(id)).map(({ kind }) => kind),
    outcomes: () => audit.map(({ action, outcome }) => `${action}: ${outcome}`),
  };
}

onBothEngines("what an incident has to say, late", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  const weak = { members: [member({ down: false })], wasDown: false, onCall: null, causes: 1 };
  const grave = { wasDown: true, onCall: "thread", causes: 2 } as const;

  test("a channel that is back after the end hears of the end alone, and nobody on call is named", async () => {
    const trial = await start(database, weak);
    await trial.becomes(3, incident(grave));
    await trial.alerted(4, ARCHIVED);
    expect(await trial.waiting()).toEqual(["worse", "on-call", "cause"]);
    await trial.becomes(12, ended(grave));
    expect(await trial.alerted(4000)).toEqual([
      "thread: Tunnel cloud-run is good again. The trouble lasted 12 min.",
    ]);
    expect(await trial.waiting()).toEqual([]);
    expect(trial.outcomes()).toEqual([
      "message: worse: overtaken",
      "message: on-call: overtaken",
      "message: cause: overtaken",
      "message: recovered: ok",
    ]);
  });

  test("a message that shows what is so is not drawn again", async () => {
    const trial = await start(database, weak);
    for (const minute of [1, 2]) await trial.alerted(minute);
    expect(trial.drawn()).toBe(1);
    await trial.becomes(3, incident(grave));
    for (const minute of [3, 4]) await trial.alerted(minute);
    expect(trial.drawn()).toBe(2);
  });

  test("what is late and still so is said", async () => {
    const trial = await start(database, weak);
    await trial.becomes(3, incident(grave));
    await trial.alerted(4, AWAY);
    expect(await trial.alerted(60)).toEqual([
      expect.stringContaining("is down now"),
      expect.stringContaining("<!subteam^S0ONCALL>: this has become serious"),
      expect.stringContaining("The cause is known now"),
    ]);
  });

  test("an end is not said of what has come back since, and a mute not once it is over", async () => {
    const trial = await start(database);
    const muted = { by: "U0LEE", until: later(62) };
    await trial.becomes(2, incident({ muted }));
    await trial.becomes(12, ended({ muted }));
    await trial.becomes(20, incident({ muted, rounds: 2 }));
    await trial.alerted(21, AWAY);
    await trial.becomes(63, incident({ rounds: 2 }));
    expect(await trial.alerted(64)).toEqual([
      expect.stringContaining("is in trouble again"),
      expect.stringContaining("The mute is over, and this still stands."),
    ]);
    expect(trial.outcomes()).toEqual([
      "message: muted: overtaken",
      "message: recovered: overtaken",
      "message: again: ok",
      "message: mute-over: ok",
    ]);
  });

  test("who could not be told in time that nobody gets through hears only that it is back", async () => {
    const trial = await start(database, {}, [HOST]);
    await trial.alerted(2, AWAY);
    await trial.becomes(12, ended());
    expect(await trial.alerted(13)).toEqual([
      expect.stringMatching(/^thread: .* is good again/),
      expect.stringMatching(/^U0ASHA: billing\S+ This is behind a tunnel that is up again\./),
    ]);
  });

  test("good for a moment is not over: who is told once of the outage hears it then too", async () => {
    const trial = await start(database, weak, [HOST]);
    await trial.becomes(3, incident(grave));
    await trial.alerted(4, AWAY);
    await trial.becomes(5, incident({ ...grave, members: [member({ down: false, goodSince: later(5) })] }));
    expect(await trial.alerted(5)).toEqual([
      expect.stringContaining("This has been out of reach since"),
      expect.stringContaining("is down now"),
      expect.stringContaining("this has become serious"),
      expect.stringContaining("The cause is known now"),
    ]);
  });

  test("of a hostname that was closed meanwhile nobody hears that it is back", async () => {
    const trial = await start(database, {}, [HOST, "pay.lakeside.example"]);
    const [billing, pay] = trial.opened as [Exposure, Exposure];
    expect(await trial.alerted(2)).toEqual([expect.stringMatching(/^U0ASHA: billing\S+ pay\S+ These have/)]);
    trial.isLive([{ ...billing, phase: "closing" }, pay]);
    await trial.becomes(12, ended());
    expect(await trial.alerted(13)).toContainEqual(
      expect.stringMatching(/^U0ASHA: pay\S+ This is behind a tunnel that is up again\./),
    );
  });

  test("nor of one that is somebody else's since", async () => {
    const trial = await start(database, {}, [HOST]);
    expect(await trial.alerted(2)).toEqual([expect.stringMatching(/^U0ASHA: /)]);
    const tom = { slackId: "U0TOM", email: "tom@example.com" };
    trial.isLive(trial.opened.map((each) => ({ ...each, requester: tom })));
    await trial.becomes(12, ended());
    expect(await trial.alerted(13)).toEqual([expect.stringMatching(/^thread: /)]);
    expect(trial.outcomes()).toContain("message: reachable: overtaken");
  });
});
