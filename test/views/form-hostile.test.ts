// Forms as nobody fills them: whatever stands in a field, reading it throws nothing and lets nothing odd through.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDenyForm } from "../../src/views/deny-form.ts";
import { formErrors, readExposeForm } from "../../src/views/expose-form-values.ts";
import { readExtendForm } from "../../src/views/extend-form.ts";
import { type FormValues, readMetadata, readReason } from "../../src/views/form-parts.ts";
import { blocks, inputs } from "../../src/views/ids.ts";
import { readShorterForm } from "../../src/views/shorter-form.ts";

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(undefined, [null], [{ value: null }], { value: {} }, { selected_options: [null] }),
  fc.record(
    {
      value: fc.jsonValue(),
      selected_option: fc.oneof(fc.jsonValue(), fc.record({ value: fc.jsonValue() })),
      selected_options: fc.array(fc.oneof(fc.jsonValue(), fc.record({ value: fc.jsonValue() }))),
      selected_users: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);
const field = fc.oneof(
  fc.dictionary(fc.constantFrom(...Object.values(inputs), "__proto__"), anything, { maxKeys: 8 }),
  fc.jsonValue(),
);
const blockIds = fc.constantFrom(...Object.values(blocks), "hostname.7", "hostname.x", "__proto__", "else");
const values = fc.dictionary(blockIds, field, {
  maxKeys: 8,
}) as fc.Arbitrary<unknown> as fc.Arbitrary<FormValues>;

describe("a form with anything in it", () => {
  it("is read to texts, lists of texts and whole minutes", () => {
    fc.assert(
      fc.property(values, (given) => {
        const form = readExposeForm(given);
        expect([form.hostname, form.reason].map((each) => typeof each)).toEqual(["string", "string"]);
        expect([...form.audiences, ...form.people].every((each) => typeof each === "string")).toBe(true);
        for (const minutes of [form.duration, readShorterForm(given).minutes, readExtendForm(given).minutes])
          expect(minutes === null || minutes === "until-closed" || Number.isInteger(minutes)).toBe(true);
        expect(typeof readDenyForm(given).reason).toBe("string");
        const { errors } = formErrors([{ field: "hostname", problem: "missing" }], given);
        expect(Object.keys(errors)).toHaveLength(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it("names an exposure only by what a button could carry", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const named = readMetadata(text);
        expect(named === null || /^[\w-]+\.[\w-]+$/.test(text)).toBe(true);
      }),
    );
  });
});

describe("a reason", () => {
  const reason = (value: unknown) =>
    readReason({ [blocks.reason]: { [inputs.reason]: { value } } } as unknown as FormValues);

  it.each([
    ["nothing that shows", "\u200b\u2060\ufeff\u00ad", ""],
    ["spaces and direction marks", " \u202e \u2066 ", ""],
    ["letters that show nothing", "\u3164\u115f\uffa0", ""],
    ["a text that reads backwards", "invoice\u202efdp.exe", "invoicefdp.exe"],
    ["text with controls in it", "a\u0000b\u0007\u001b[31mc", "ab[31mc"],
    ["several lines", " one\r\ntwo\u2028three ", "one\ntwo\nthree"],
    ["scripts that need joiners", "می\u200cخواهم", "می\u200cخواهم"],
  ])("of %s", (_, typed, kept) => {
    expect(reason(typed)).toBe(kept);
  });

  it("is whole text that shows, or none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (typed) => {
        const kept = reason(typed);
        expect(kept.isWellFormed()).toBe(true);
        expect(kept).not.toMatch(/[\0\u200b\u202a-\u202e\u2066-\u2069]/);
        expect(reason(kept)).toBe(kept);
      }),
    );
  });
});
