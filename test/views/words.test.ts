import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buttonValue, parseButtonValue, revisedBlock, revisionOf } from "../../src/views/ids.ts";
import { approverMentions, personMention } from "../../src/views/mentions.ts";
import { bare, clip, escapeMrkdwn, plain, plainLines } from "../../src/views/plain-text.ts";
import { dateToken, duration, lengthWords } from "../../src/views/time-words.ts";
import { noon } from "./samples.ts";

const anyText = fc.string({ unit: "binary", maxLength: 400 });
const HIDDEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

describe("plain", () => {
  it.each([
    ["a\u202egnp.exe", "agnp.exe"],
    ["one\r\ntwo\u2028three", "one two three"],
    ["  a \t b\u00a0 c ", "a b c"],
    ["\u0000\u0007\u200b\ufeff", ""],
    ["half \ud83d a pair", "half \ufffd a pair"],
    ["می\u200cخواهم", "می\u200cخواهم"],
    ["<!channel> *b*", "<!channel> *b*"],
  ])("makes %j into %j", (text, shown) => {
    expect(plain(text, 100)).toBe(shown);
  });

  it("is one line, within its length, with nothing hidden, and doing it again changes nothing", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 300 }), (text, max) => {
        const shown = plain(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown).not.toMatch(HIDDEN);
        expect(shown.isWellFormed()).toBe(true);
        expect(plain(shown, max)).toBe(shown);
      }),
    );
  });

  it("keeps what is short and visible as it is", () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9<>&*]{1,50}$/), (text) => plain(text, 50) === text));
  });
});

describe("plainLines", () => {
  it("keeps lines, but not too many", () => {
    expect(plainLines("a\r\nb\n\n\n\nc", 100)).toBe("a\nb\n\nc");
    expect(plainLines("x\n".repeat(500), 3000).split("\n")).toHaveLength(20);
  });
});

describe("clip", () => {
  it("ends what is cut in … and splits no character", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("ab😀cd", 4)).toBe("ab…");
    expect(clip("abcd", 4)).toBe("abcd");
  });
});

describe("escapeMrkdwn", () => {
  it("leaves no token of Slack's, and can be undone", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeMrkdwn(text);
        expect(escaped).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        const back = escaped.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
        expect(back).toBe(text);
      }),
    );
  });

  it("is not needed after bare", () => {
    fc.assert(fc.property(anyText, (text) => escapeMrkdwn(bare(text, 100)) === bare(text, 100)));
  });
});

describe("button values", () => {
  const part = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/);

  it("come back as they were", () => {
    fc.assert(
      fc.property(part, part, (id, digest) => {
        expect(parseButtonValue(buttonValue(id, digest))).toEqual({ id, digest });
      }),
    );
  });

  it.each([
    null,
    undefined,
    "",
    ".",
    "a.",
    ".b",
    "a.b.c",
    "a b.c",
    "a.b\n",
    "ä.b",
    `${"a".repeat(129)}.b`,
    '{"id":1}',
  ])("are refused when forged: %j", (value) => {
    expect(parseButtonValue(value)).toBeNull();
  });

  it("are never made from anything else", () => {
    expect(() => buttonValue("a.b", "c")).toThrow(RangeError);
    expect(() => buttonValue("", "c")).toThrow(RangeError);
  });
});

describe("blocks with a revision", () => {
  it.each(["hostname", "zone", "duration"] as const)("carry it: %s", (field) => {
    const there = (revision: number) => revisionOf(field, revisedBlock(field, revision));
    expect([0, 1, 12].map(there)).toEqual([0, 1, 12]);
    const others = ["reason", `${field}.x`, `${field}.1.2`, ""];
    expect(others.map((id) => revisionOf(field, id))).toEqual([null, null, null, null]);
  });
});

describe("times", () => {
  it.each([
    [0, "0 min"],
    [-5, "0 min"],
    [30, "30 min"],
    [60, "1 h"],
    [90, "1 h 30 min"],
    [480, "8 h"],
    [1440, "1 day"],
    [3120, "2 days 4 h"],
    [3121, "2 days 4 h 1 min"],
    [43_200, "30 days"],
  ])("%i minutes are %s", (minutes, text) => {
    expect(duration(minutes)).toBe(text);
  });

  it("without a set time there is a review", () => {
    expect(lengthWords(43_200, true)).toBe("until closed (review in 30 days)");
    expect(lengthWords(480, false)).toBe("8 h");
  });

  it("are shown in the reader's own zone, in UTC where that cannot be", () => {
    expect(dateToken(noon)).toBe("<!date^1795435200^{date_short_pretty} {time}|2026-11-23 12:00 UTC>");
  });
});

describe("mentions", () => {
  it.each([
    [{ groups: [], people: [] }, "an approver"],
    [{ groups: ["S0LEADS"], people: [] }, "<!subteam^S0LEADS>"],
    [{ groups: ["S0LEADS"], people: ["U0LEE", "U0KIM"] }, "<!subteam^S0LEADS>, <@U0LEE> or <@U0KIM>"],
    [{ groups: ["!channel", "S1>"], people: ["here"] }, "an approver"],
  ])("%o", (approvers, text) => {
    expect(approverMentions(approvers)).toBe(text);
  });

  it("are not made of what is no id", () => {
    expect(personMention("U0LEE> <!channel")).toBe("somebody");
  });

  it("stop at five", () => {
    const people = Array.from({ length: 8 }, (_, index) => `U0PERSON${index}`);
    expect(approverMentions({ groups: [], people })).toMatch(/<@U0PERSON4> or 3 more$/);
  });
});
