// Every view at its worst: Slack must take it, and nothing that people or vendors wrote may be parsed.
import { describe, expect, it } from "vitest";
import { NOT_IDENTITIES } from "../../src/domain/audience.ts";
import type { CloseReason } from "../../src/domain/exposure.ts";
import type { Hole } from "../../src/domain/holes.ts";
import type { MessageKind } from "../../src/domain/notices.ts";
import { PUBLIC_LOGINS } from "../../src/domain/public-login.ts";
import { crossedAlert, holeAlert, unknownMarkAlert } from "../../src/views/alerts.ts";
import { audienceDetails } from "../../src/views/audience-details.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { exposureList } from "../../src/views/exposure-list.ts";
import { help } from "../../src/views/help.ts";
import { noticeMessage } from "../../src/views/notices.ts";
import type { SlackMessage } from "../../src/views/parts.ts";
import { parsedText } from "./reading.ts";
import { context, exposure, extension, extreme, extremeContext, later, PHASES, POISON } from "./samples.ts";
import { faultsOfMessage } from "./slack-limits.ts";

const FILLERS: Record<string, string> = {
  poison: POISON,
  quotes: '"',
  backslashes: "\\",
  "line breaks": "\n",
  emoji: "👩‍👩‍👧‍👦",
  "half of a pair": "\ud800",
  "right to left": "\u202eשלום ",
  controls: "\u0007a\u0000",
  "nothing visible": "\u200b",
  spaces: " ",
};

const KINDS: MessageKind[] = [
  "approved",
  "denied",
  "lapsed",
  "reminder",
  "replanned",
  "open",
  "could-not-open",
  "repairing",
  "ending",
  "extended",
  "extension-asked",
  "extension-denied",
  "extension-withdrawn",
  "closed",
];

function expectHarmless(message: SlackMessage): void {
  expect(faultsOfMessage(message)).toEqual([]);
  expect(parsedText(message).filter((text) => /POISON|U0EVIL|<!channel>|evil/.test(text))).toEqual([]);
  // The notification's text is parsed too: it may name things, with every token spoilt.
  expect(message.text).not.toMatch(/<!channel|<@U0EVIL|<https:\/\/evil/);
  expect(JSON.stringify(message)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\\u00[01]|\\ud8/);
}

describe.each(Object.entries(FILLERS))("filled with %s", (_name, filler) => {
  it.each(PHASES)("the card is taken when %s", (phase) => {
    expectHarmless(exposureCard(extreme(phase, filler), extremeContext(filler)));
  });

  it.each(KINDS)("the notice %s is taken", (kind) => {
    const shown = { ...extreme("open", filler), phase: "closed" as const, openedAt: null };
    expectHarmless(noticeMessage(kind, shown, { approvers: extremeContext().approvers, notice: "10m" }));
  });

  it("a list of 200 is taken", () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...extreme(PHASES[index % PHASES.length]!, filler),
      id: `${"i".repeat(120)}${index}`,
    }));
    for (const mine of [true, false]) expectHarmless(exposureList(many, { mine, now: later(10) }));
  });

  it("every page of a long audience is taken", () => {
    const pages = audienceDetails(extreme("pending", filler));
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) expectHarmless(page);
  });

  it("alerts are taken", () => {
    const long = filler.repeat(300).slice(0, 300);
    const kinds: Hole["why"][] = [
      "no-application",
      "bypass",
      "service-auth",
      "everyone",
      ...PUBLIC_LOGINS,
      ...NOT_IDENTITIES,
      "public-path",
    ];
    for (const why of [...kinds, "weaker-application", "options-bypass", "wildcard"] as Hole["why"][]) {
      const hole = { hostname: long, tunnelName: long, service: long, why, path: long };
      expectHarmless(holeAlert({ ...hole, ours: false, exposureId: null }));
    }
    expectHarmless(unknownMarkAlert({ exposureId: long, hostname: long, until: later(1) }, long));
    for (const overwritten of [true, false])
      expectHarmless(crossedAlert(long, { baseVersion: 1, foundVersion: 3, overwritten }));
  });
});

describe("ordinary messages", () => {
  it.each(PHASES)("a card that is %s", (phase) => {
    expectHarmless(exposureCard(exposure(phase), context()));
  });

  it("a card with a wish for more time", () => {
    expectHarmless(
      exposureCard(
        exposure("open", { extension: extension() }),
        context({ logins: { last: [], read: true, from: null } }),
      ),
    );
  });

  it("a card closed for every reason", () => {
    const reasons: CloseReason[] = [
      "ended",
      "requester",
      "approver",
      "cannot-open",
      "hole",
      "drift",
      "store-restored",
      "all-gone",
      "frozen",
      "openings-frozen",
    ];
    for (const because of reasons) {
      const closing = { because, by: null, detail: POISON, at: later(1) };
      expectHarmless(exposureCard(exposure("closed", { closing }), context()));
    }
  });

  it("help, and lists of none and one", () => {
    expectHarmless(help());
    expectHarmless(exposureList([], { mine: true, now: later(1) }));
    expectHarmless(exposureList([exposure("open")], { mine: false, now: later(1) }));
  });
});
