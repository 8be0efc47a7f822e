import { describe, expect, it } from "vitest";
import type { MessageKind } from "../../src/domain/notices.ts";
import { audienceDetails } from "../../src/views/audience-details.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { help } from "../../src/views/help.ts";
import { noticeMessage } from "../../src/views/notices.ts";
import { buttonsOf, things, wordsOf } from "./reading.ts";
import { context, exposure, extension, later, noon } from "./samples.ts";

const approvers = { groups: ["S0LEADS"], people: [] };
const kim = { slackId: "U0KIM", email: "kim@example.com" };
const closing = { because: "approver" as const, by: "U0LEE", detail: "Use staging.", at: noon };

function notice(kind: MessageKind, of = exposure("open"), left: "1h" | "10m" | null = null) {
  return noticeMessage(kind, of, { approvers, notice: left });
}

describe("notices", () => {
  it.each([
    ["approved", exposure("approved"), "Approved by <@U0LEE>"],
    ["denied", exposure("denied", { closing }), "Denied by <@U0LEE>. Nothing was opened. Use staging."],
    ["lapsed", exposure("lapsed"), "Nobody answered in time, so nothing was opened. Ask again with /expose."],
    [
      "reminder",
      exposure("pending"),
      "<!subteam^S0LEADS>: this request still waits for you. It lapses <!date^",
    ],
    ["open", exposure("open"), "is stopped by Access. It ends <!date^"],
    ["extended", exposure("open"), "It stays open for longer: it ends <!date^"],
    [
      "extension-asked",
      exposure("open", { extension: extension() }),
      "<@U0ASHA> asks for 2 h more. Decide on the card above. It lapses <!date^",
    ],
    [
      "extension-asked",
      exposure("open", { extension: extension({ lapsesAt: later(487) }) }),
      `<@U0ASHA> asks for 2 h more. It closes <!date^${later(487).getTime() / 1000}^`,
    ],
    [
      "extension-asked",
      exposure("open", { approvalsNeeded: 2, extension: extension({ lapsesAt: later(487) }) }),
      "unless 2 of you approve on the card above. Not finished",
    ],
    ["extension-asked", exposure("closed"), "nothing waits for a decision any more."],
    ["repairing", exposure("opening", { openedAt: noon }), "the route was taken away first"],
    ["repairing", exposure("opening", { openedAt: noon }), "It is being opened anew; the end stays."],
    ["repairing", exposure("open"), "It is open again; the end stays."],
    [
      "closed",
      exposure("closed", { closing }),
      "It is closed, and a visit from outside no longer reaches it. An approver closed it (<@U0LEE>).",
    ],
  ] as const)("%s", (kind, of, text) => {
    expect(wordsOf(notice(kind, of))).toContain(text);
  });

  it("say what failed and what to do when it could not be opened", () => {
    const failed = { because: "cannot-open" as const, by: null, detail: "The zone is not there.", at: noon };
    const shown = wordsOf(notice("could-not-open", exposure("closed", { closing: failed, openedAt: null })));
    expect(shown).toContain("Nothing is left open. Mend what is named here, then ask again with /expose.");
    expect(shown).toContain("The zone is not there.");
  });

  it("say of what a restored store does not know to be open that it is closed, and to ask again", () => {
    const closing = { because: "store-restored" as const, by: null, detail: null, at: noon };
    const shown = wordsOf(notice("could-not-open", exposure("closed", { closing, openedAt: null })));
    expect(shown).toContain(
      "restored to a time before that. Nothing is left open. Ask again with /expose if it is still needed.",
    );
  });

  it("say of what was never opened that its time was over before, and to ask again", () => {
    const closing = { because: "ended" as const, by: null, detail: null, at: noon };
    const unopened = exposure("closed", { closing, openedAt: null });
    expect(wordsOf(notice("could-not-open", unopened))).toMatch(
      /Its time was over before it could be opened\. Nothing is left open\. Ask again with \/expose\.$/,
    );
    expect(wordsOf(exposureCard(unopened, context()))).toMatch(
      /Closed <!date[^>]+>\. Its time was over before it could be opened\. Ask again with \/expose\./,
    );
  });

  it("give the address only when it is open", () => {
    const linked = (kind: MessageKind) => things(notice(kind).blocks).some((thing) => thing.type === "link");
    expect(linked("open")).toBe(true);
    expect(linked("approved")).toBe(false);
  });

  it("before the end carry a button to extend", () => {
    expect(wordsOf(notice("ending", exposure("open"), "1h"))).toContain("It ends within the hour, <!date^");
    expect(wordsOf(notice("ending", exposure("open"), "10m"))).toContain(
      "It ends within 10 minutes, <!date^",
    );
    expect(buttonsOf(notice("ending", exposure("open"), "10m"))).toEqual(["Extend"]);
  });

  it("before the end say where a wish for more time still waits", () => {
    const waiting = notice("ending", exposure("open", { extension: extension() }), "1h");
    expect(wordsOf(waiting)).toContain("More time was asked for, and no decision has come yet.");
    expect(wordsOf(waiting)).not.toContain("Press Extend");
    expect(buttonsOf(waiting)).toEqual([]);
  });

  it.each([
    ["ended", "ended", "Its time was up. More time was asked for, and no decision came in time."],
    ["ended", "denied", "Its time was up."],
    ["requester", "ended", "The requester closed it."],
  ] as const)("closed because %s, the last wish %s: %s", (because, how, text) => {
    const unmetExtension = { how, asker: kim, by: null };
    const closed = exposure("closed", {
      closing: { because, by: null, detail: null, at: noon },
      unmetExtension,
    });
    expect(wordsOf(notice("closed", closed))).toMatch(new RegExp(`no longer reaches it\\. ${text}$`));
  });

  it("tell a denied wish for more time from one that nobody answered", () => {
    const denied = exposure("open", { unmetExtension: { how: "denied", asker: kim, by: kim } });
    expect(wordsOf(notice("extension-denied", denied))).toContain(
      "<@U0KIM> gave no more time. It still ends",
    );
    expect(wordsOf(notice("extension-denied"))).toContain("Nobody gave more time. It still ends <!date^");
    const withdrawn = exposure("open", { unmetExtension: { how: "withdrawn", asker: kim, by: kim } });
    expect(wordsOf(notice("extension-withdrawn", withdrawn))).toContain(
      "The request for more time was withdrawn by <@U0KIM>. It still ends <!date^",
    );
    for (const kind of ["extension-denied", "extension-withdrawn"] as const)
      expect(wordsOf(notice(kind, { ...denied, phase: "closed" }))).not.toContain("It still ends");
  });
});

describe("help", () => {
  it.each(["/expose", "/expose <service>", "/expose list", "/expose close <host>", "/expose help"])(
    "names %s",
    (command) => {
      expect(things(help().blocks).map((thing) => thing.text)).toContain(command);
    },
  );
});

describe("a long audience", () => {
  it("is told in the thread, whole", () => {
    const emails = Array.from({ length: 120 }, (_, index) => `person-${index}@example.com`);
    const pages = audienceDetails(exposure("pending", { audience: { ...exposure().audience, emails } }));
    const shown = pages.map(wordsOf).join(" ");
    expect(emails.filter((email) => !shown.includes(email))).toEqual([]);
    expect(shown).toContain("1 to 40 of 123");
  });

  it("is not told twice when the card has it all", () => {
    expect(audienceDetails(exposure())).toEqual([]);
  });
});
