// A message waits for what others can mend. What is wrong with itself is tried again, but not for ever, and what nobody is
// there to read is not; the audit says how it ended.
import { beforeAll, expect, test } from "vitest";
import { deliver, sendEach } from "../../src/jobs/delivery.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { fromCode, fromStatus } from "../../src/services/slack-failure.ts";
import { createAnnouncements, MAX_ATTEMPTS } from "../../src/store/announcements.ts";
import type { Database } from "../../src/store/database.ts";
import { onBothEngines } from "../engines.ts";
import { quiet } from "../quiet.ts";
import {
  ASKED,
  approvalBy,
  clickOf,
  LEE,
  minutesPast,
  pendingExposure,
  storeOn,
} from "../store/sample-exposure.ts";

const CARD = { channel: "C-APPROVALS", ts: "1893499200.000200" };
const POST = "chat.postMessage";

const NOBODY = ["user_disabled", "user_not_found", "user_not_visible", "cannot_dm_bot", "thread_not_found"];
const MENDABLE = [
  fromCode(POST, "token_revoked"),
  fromCode(POST, "account_inactive"),
  fromCode(POST, "missing_scope"),
  fromCode(POST, "not_in_channel"),
  fromCode(POST, "is_archived"),
  fromCode(POST, "channel_not_found"),
  fromCode(POST, "internal_error"),
  ...[401, 403, 429, 503].map((status) => fromStatus(POST, status)),
];

onBothEngines("delivery", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  function createTrial() {
    const announcements = createAnnouncements(database.db);
    const store = storeOn(database);
    return {
      /** Answers how often it was tried, how many tries are held against one that still waits, and what the audit has. */
      async tries(failure: Error, { most = MAX_ATTEMPTS + 1, minute = 2 } = {}) {
        const { id } = pendingExposure();
        await store.submit(pendingExposure({ id }), ASKED);
        await store.advance(id, clickOf(LEE, `key-${id}`), approvalBy(LEE));
        const outcomes: string[] = [];
        let tried = 0;
        for (; tried < most; tried += 1) {
          const [message] = await announcements.unsent(id);
          if (!message) break;
          await deliver({
            message,
            store: announcements,
            post: () => Promise.reject(failure),
            instead: CARD,
            audit: async (outcome) => void outcomes.push(outcome),
            now: () => minutesPast(minute),
            log: quiet,
          }).catch((error: unknown) => expect(error).toBe(failure));
        }
        const [waiting] = await announcements.unsent(id);
        return { tried, counted: waiting?.attempts ?? null, outcomes };
      },
    };
  }

  test("Slack in trouble, a right that is missing and a channel that takes nothing use up no attempt", async () => {
    const trial = createTrial();
    for (const failure of MENDABLE)
      expect([failure.message, await trial.tries(failure, { most: 2 })]).toEqual([
        failure.message,
        { tried: 2, counted: 0, outcomes: [] },
      ]);
  });

  test("what has nobody to be told is not tried again", async () => {
    const trial = createTrial();
    for (const code of NOBODY)
      expect(await trial.tries(fromCode(POST, code))).toMatchObject({ tried: 1, counted: null });
    expect((await trial.tries(fromCode(POST, "user_disabled"))).outcomes).toEqual(["missing"]);
    // Another vendor's code may read the same.
    const other = {
      kind: "missing",
      vendor: "google",
      operation: "x",
      message: "No.",
      code: "user_not_found",
    };
    expect(await trial.tries(new ServiceFailure(other as never), { most: 2 })).toMatchObject({ counted: 0 });
  });

  test("a message that is itself at fault is given up", async () => {
    const trial = createTrial();
    for (const failure of [fromCode(POST, "invalid_blocks"), new Error("a bug")])
      expect(await trial.tries(failure)).toEqual({
        tried: MAX_ATTEMPTS,
        counted: null,
        outcomes: ["given up"],
      });
  });

  test("what could not be sent for a week is given up, whatever was the matter", async () => {
    const trial = createTrial();
    const week = 7 * 24 * 60;
    const failure = fromStatus(POST, 503);
    expect(await trial.tries(failure, { most: 2, minute: week })).toMatchObject({ counted: 0 });
    expect(await trial.tries(failure, { minute: week + 2 })).toEqual({
      tried: 1,
      counted: null,
      outcomes: ["given up"],
    });
  });

  test("a process that dies of a message each time has counted it", async () => {
    const announcements = createAnnouncements(database.db);
    const { id } = pendingExposure();
    const store = storeOn(database);
    await store.submit(pendingExposure({ id }), ASKED);
    await store.advance(id, clickOf(LEE), approvalBy(LEE));
    const [message] = await announcements.unsent(id);
    const dying = new Promise<never>(() => undefined);
    const begun = new Promise<void>((resolve) => {
      const post = () => {
        resolve();
        return dying;
      };
      const audit = async () => undefined;
      void deliver({
        message: message!,
        store: announcements,
        post,
        instead: CARD,
        audit,
        now: () => minutesPast(2),
        log: quiet,
      });
    });
    await begun;
    expect(await announcements.unsent(id)).toMatchObject([{ attempts: 1 }]);
  });
});

test("what one cannot be told keeps nothing from the others, and order is kept for each", async () => {
  const messages = ["alerts 1", "asha 1", "alerts 2", "asha 2"].map((text) => ({
    text,
    recipient: text.split(" ")[0] ?? "",
  }));
  const refused = fromCode(POST, "is_archived");
  const tried: string[] = [];
  const failure = await sendEach(messages, async ({ text, recipient }) => {
    tried.push(text);
    if (recipient === "alerts") throw refused;
  });
  expect(tried).toEqual(["alerts 1", "asha 1", "asha 2"]);
  expect(failure).toBe(refused);
});

test("while Slack is away nobody else is tried in vain", async () => {
  const away = fromStatus(POST, 503);
  let tried = 0;
  const send = async () => {
    tried += 1;
    throw away;
  };
  await expect(sendEach([{ recipient: "a" }, { recipient: "b" }], send)).rejects.toBe(away);
  expect(tried).toBe(1);
});
