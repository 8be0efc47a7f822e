// Where more than one has to approve, somebody may have, and it lapses all the same: nobody reads that nobody answered.
import { describe, expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { noticeMessage } from "../../src/views/notices.ts";
import { moreTimeAsked, requestSent } from "../../src/views/request-sent.ts";
import { wordsOf } from "./reading.ts";
import { context, exposure, extension, later, vote } from "./samples.ts";
import { faultsOfModal } from "./slack-limits.ts";

const approvers = { groups: ["S0LEADS"], people: [] };
const votes = [vote("U0LEE")];
const kim = { slackId: "U0KIM", email: "kim@example.com" };
const two = { approvalsNeeded: 2, votes };

function card(of: Exposure, minute = 10): string {
  return wordsOf(exposureCard(of, context({ now: later(minute) })));
}

function told(kind: "lapsed" | "reminder" | "extension-asked" | "extension-denied" | "closed", of: Exposure) {
  return wordsOf(noticeMessage(kind, of, { approvers, notice: null }));
}

describe("a request", () => {
  it("lapsed for want of an approval", () => {
    const lapsed = exposure("lapsed", two);
    expect(card(lapsed)).toMatch(
      /Only 1 of 2 approvals came by <!date[^>]+>, which counts as a no\. Nothing/,
    );
    expect(told("lapsed", lapsed)).toContain(
      "Only 1 of 2 approvals came in time, so nothing was opened. Ask again with /expose.",
    );
    expect(card(exposure("pending", two), 480)).toContain(
      "Only 1 of 2 approvals came in time, so this request is about to lapse.",
    );
  });

  it("lapsed with no answer, since a vote of an earlier round is void", () => {
    const lapsed = exposure("lapsed", { ...two, round: 2 });
    expect(card(lapsed)).toContain("Nobody answered by <!date");
    expect(told("lapsed", lapsed)).toContain("Nobody answered in time");
    expect(card(exposure("pending", { ...two, round: 2 }), 480)).toContain("Nobody answered in time");
  });

  it.each([
    [1, "if nobody answers."],
    [2, "unless enough approve by then."],
  ])("that waits for %i says when it lapses", (approvalsNeeded, words) => {
    const pending = exposure("pending", { approvalsNeeded });
    const asked = exposure("open", { approvalsNeeded, extension: extension(), round: 2 });
    for (const shown of [
      card(pending),
      told("reminder", pending),
      told("extension-asked", asked),
      wordsOf({ blocks: requestSent(pending, approvers).blocks as never }),
    ])
      expect(shown).toMatch(new RegExp(`[Ii]t lapses <!date[^>]+> ${words}`));
  });
});

describe("a wish for more time", () => {
  const shortfall = { came: 1, needed: 2 };

  it("that waits for two says so", () => {
    const waiting = { approvalsNeeded: 2, round: 2 };
    expect(card(exposure("open", { ...waiting, extension: extension() }))).toContain(
      "Unless enough approve, it lapses <!date",
    );
    const last = extension({ lapsesAt: later(487) });
    expect(card(exposure("open", { ...waiting, extension: last }))).toContain(
      "Unless enough approve, it closes <!date",
    );
  });

  it("names who can approve it, on the card and to who asked", () => {
    const wish = extension({ lapsesAt: later(487) });
    const waiting = exposure("open", { approvalsNeeded: 2, round: 2, extension: wish });
    expect(card(waiting)).toContain(
      "2 h more, by <@U0ASHA>. <!subteam^S0LEADS> can approve it. It would then end <!date",
    );
    const asked = moreTimeAsked(waiting, wish, approvers);
    expect(faultsOfModal(asked)).toEqual([]);
    expect(wordsOf(asked)).toMatch(
      /^Your request for 2 h more for billing\.example\.com is with the approvers\. It waits for <!subteam\^S0LEADS>\. You get a direct message when they have decided\. Unless enough approve, it closes <!date[^>]+>\.$/,
    );
  });

  it("lapsed for want of an approval", () => {
    const unmetExtension = { how: "lapsed" as const, asker: kim, by: null, shortfall };
    expect(told("extension-denied", exposure("open", { unmetExtension }))).toContain(
      "Only 1 of 2 approvals came in time, so no more time was given. It still ends <!date",
    );
  });

  it("went with the exposure for want of an approval", () => {
    const closed = exposure("closed", {
      unmetExtension: { how: "ended", asker: kim, by: null, shortfall },
    });
    const words = "Its time was up. More time was asked for, and only 1 of 2 approvals came before the end.";
    expect(told("closed", closed)).toContain(words);
    expect(card(closed)).toContain(words);
  });
});
