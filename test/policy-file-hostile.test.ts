// Policy files that nobody would write by mistake: bombs, holes, odd types, noise. Each is a policy or a ConfigError.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { fileWith, ID, problemsOf, RULE } from "./policy-sample.ts";

const YES = stringify(fileWith());

describe("a file that is no policy at all", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["null", "null"],
    ["a number", "42"],
    ["a list", "- 1\n- 2"],
    ["a text", "hello"],
    ["a broken bracket", "rules: ["],
    ["tabs", "rules:\n\t- x"],
    ["two documents", `${YES}---\n${YES}`],
    ["a key given twice", `${YES}rules: []\n`],
    [
      "a key given twice deep down",
      YES.replace("approvals: C0APPROVALS", "approvals: C0APPROVALS\n  approvals: C0OTHER"),
    ],
    ["an alias", `x: &a [1]\ny: *a\n${YES}`],
    ["an alias to nothing", `${YES}reserved: *nowhere\n`],
    ["a merge key", `base: &a { alerts: C0ALERTS }\n${YES}extra: { <<: *a }\n`],
    ["a tag of a programming language", `${YES}reserved: !!js/function "function () {}"\n`],
    ["a prototype", `${YES}__proto__: { polluted: true }\n`],
    ["a list for a key", `${YES}? [a, b]\n: c\n`],
    ["another type everywhere", YES.replace(/: .+$/gm, ": !!binary aGVsbG8=")],
  ])("is refused: %s", (_, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("is refused when aliases would unfold into gigabytes", () => {
    const lines = Array.from(
      { length: 9 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(", ")}]`,
    );
    const bomb = ["l0: &l0 [x, x, x]", ...lines].join("\n");
    expect(problemsOf(bomb)).toEqual(["policy: the file uses YAML aliases (& and *), which are not allowed"]);
  });

  it("is refused when it is huge, before it is read", () => {
    expect(problemsOf(`${YES}# ${"x".repeat(256 * 1024)}`)).toEqual([
      "the policy file is larger than 256 KiB",
    ]);
    expect(problemsOf(`${YES}# ${"\u3042".repeat(90 * 1024)}`)).toEqual([
      "the policy file is larger than 256 KiB",
    ]);
  });

  it.each([
    ["lists", "["],
    ["maps", "{a: "],
    ["block lists", "- "],
  ])("is refused when it is a deep hole of %s", (_, piece) => {
    const depth = Math.floor(40_000 / piece.length);
    expect(
      problemsOf(`${YES}reserved: ${piece === "- " ? "\n  " : ""}${piece.repeat(depth)}`).length,
    ).toBeGreaterThan(0);
  });
});

describe("whatever the file holds", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("8h", "*", "C0X", ID, "everyone"),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("node"), { maxKeys: 3 }),
    ),
  })).node;

  it("it is a policy or a ConfigError: text", () => {
    const piece = fc.constantFrom(
      "\n",
      "  ",
      "- ",
      ": ",
      "&a ",
      "*a ",
      "!!x ",
      "? ",
      "| ",
      "{",
      "}",
      "[",
      "]",
      "'",
      '"',
      "#",
      "%",
      "\t",
      "\u0000",
      "rules",
      "<<",
    );
    const text = fc
      .array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 40 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((each) => YES + each),
          text.map((each) => each + YES),
        ),
        (each) => {
          expect(Array.isArray(problemsOf(each))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("it is a policy or a ConfigError: any value in any place", () => {
    const place = fc.constantFrom(
      ...Object.keys(fileWith()),
      "audiences",
      "reserved",
      "requests",
      "admins",
      "installation",
    );
    const inRule = fc.constantFrom(...Object.keys(RULE), "approvals", "untilClosed", "freeExtension");
    fc.assert(
      fc.property(
        fc.dictionary(place, tree, { maxKeys: 3 }),
        fc.dictionary(inRule, tree, { maxKeys: 2 }),
        (top, rule) => {
          const text = stringify(
            { ...fileWith({ rules: [{ ...RULE, ...rule }] }), ...top },
            { aliasDuplicateObjects: false },
          );
          expect(Array.isArray(problemsOf(text))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
