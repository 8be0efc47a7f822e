// A message that Slack does not take is tried again, but not for ever, and the audit says how it ended.
import { expect, test } from "vitest";
import { deliver } from "../../src/jobs/delivery.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { createAnnouncements, MAX_ATTEMPTS } from "../../src/store/announcements.ts";
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

function slackSays(kind: "retry" | "missing"): ServiceFailure {
  return new ServiceFailure({ kind, vendor: "slack", operation: "chat.postMessage", message: "No." });
}

onBothEngines("delivery", (open) => {
  test("what keeps failing is given up, what has nobody to be told is not tried again: the audit has both", async () => {
    const database = await open();
    const announcements = createAnnouncements(database.db);
    const store = storeOn(database);
    const outcomes: string[] = [];

    /** Until nothing is left to be sent; answers how often it was tried. */
    async function tryAll(failure: ServiceFailure): Promise<number> {
      const { id } = pendingExposure();
      await store.submit(pendingExposure({ id }), ASKED);
      await store.advance(id, clickOf(LEE, `key-${id}`), approvalBy(LEE));
      let tries = 0;
      for (
        let [message] = await announcements.unsent(id);
        message;
        [message] = await announcements.unsent(id)
      ) {
        tries += 1;
        await deliver({
          message,
          store: announcements,
          post: () => Promise.reject(failure),
          instead: CARD,
          audit: async (outcome) => void outcomes.push(outcome),
          now: () => minutesPast(2),
          log: quiet,
        }).catch((error: unknown) => expect(error).toBe(failure));
      }
      return tries;
    }

    expect(await tryAll(slackSays("retry"))).toBe(MAX_ATTEMPTS);
    expect(await tryAll(slackSays("missing"))).toBe(1);
    expect(outcomes).toEqual(["given up", "missing"]);
  });
});
