import { describe, expect, it } from "vitest";
import type { FieldProblem } from "../../src/domain/refusal.ts";
import { denyForm, readDenyForm } from "../../src/views/deny-form.ts";
import { formErrors, readExposeForm } from "../../src/views/expose-form-values.ts";
import { extendForm, readExtendForm } from "../../src/views/extend-form.ts";
import type { FormValues } from "../../src/views/form-parts.ts";
import { readMetadata } from "../../src/views/form-parts.ts";
import { readShorterForm, shorterForm } from "../../src/views/shorter-form.ts";
import { parsedText, things, wordsOf } from "./reading.ts";
import { noon, POISON } from "./samples.ts";
import { faultsOfModal } from "./slack-limits.ts";

/** As Slack sends a filled form. */
const FILLED: FormValues = {
  service: { "expose.service": { selected_option: { value: "p/r/billing" } } },
  "hostname.3": { "expose.hostname": { value: " Billing " } },
  zone: { "expose.zone": { selected_option: { value: "example.com" } } },
  audience: { "expose.audience": { selected_options: [{ value: "all" }, { value: "data" }] } },
  people: { "expose.people": { selected_users: ["U0KIM"] } },
  duration: { "form.duration": { selected_option: { value: "480" } } },
  reason: { "form.reason": { value: "Month-end\nclose " } },
};

const owner = { id: "01HZ", digest: "d1g3st", hostname: "billing.example.com" };

function durations(view: Parameters<typeof things>[0]): string[] {
  const select = things(view).find((thing) => thing.type === "static_select");
  return ((select?.options ?? []) as { value: string }[]).map((each) => each.value);
}

describe("the request form read back", () => {
  it("as it was filled", () => {
    expect(readExposeForm(FILLED)).toEqual({
      serviceKey: "p/r/billing",
      hostname: "Billing",
      hostnameRevision: 3,
      optionsRevision: 0,
      zone: "example.com",
      audiences: ["all", "data"],
      people: ["U0KIM"],
      duration: 480,
      reason: "Month-end\nclose",
    });
  });

  it("with nothing filled, or with nonsense", () => {
    const empty = {
      serviceKey: null,
      hostname: "",
      hostnameRevision: 0,
      optionsRevision: 0,
      zone: null,
      audiences: [],
      people: [],
      duration: null,
      reason: "",
    };
    expect(readExposeForm({})).toEqual(empty);
    const nonsense = {
      service: { "expose.service": { selected_option: null } },
      hostname: { "expose.hostname": { value: null } },
      audience: { "expose.audience": { selected_options: "all" } },
      people: { "expose.people": { selected_users: [7] } },
      duration: { "form.duration": { selected_option: { value: "-5" } } },
      reason: { "form.reason": { value: 5 } },
    };
    expect(readExposeForm(nonsense as unknown as FormValues)).toEqual(empty);
  });

  it.each([
    ["until-closed", "until-closed"],
    ["60", 60],
    ["0", null],
    ["1.5", null],
    ["1e3", null],
    ["99999999", null],
  ])("the duration %s as %s", (value, expected) => {
    const values = { duration: { "form.duration": { selected_option: { value } } } };
    expect(readExposeForm(values).duration).toBe(expected);
  });
});

describe("errors", () => {
  const problems: FieldProblem[] = [
    { field: "service", problem: "missing" },
    { field: "hostname", problem: "hostname-malformed" },
    { field: "hostname", problem: "hostname-too-long", max: 63 },
    { field: "audience", problem: "missing" },
    { field: "audience", problem: "audience-person", slackId: "U0KIM", why: "guest" },
    { field: "duration", problem: "until-closed-not-allowed" },
    { field: "reason", problem: "missing" },
    { field: "form", problem: "openings-frozen" },
  ];

  it("all come at once, each under its field", () => {
    const { errors } = formErrors(problems, FILLED, () => "Kim");
    expect(Object.keys(errors).sort()).toEqual([
      "audience",
      "duration",
      "hostname.3",
      "people",
      "reason",
      "service",
    ]);
    expect(errors["hostname.3"]).toContain("Use at most 63 characters.");
    expect(errors.people).toBe("Kim is a guest. Pick somebody else.");
    expect(errors.service).toMatch(/^Choose a service\. New openings are frozen/);
  });

  it("name only fields that the form has", () => {
    const { audience: _, duration: __, ...few } = FILLED;
    expect(Object.keys(formErrors(problems, few).errors).sort()).toEqual([
      "hostname.3",
      "people",
      "reason",
      "service",
    ]);
  });

  it("are not said twice", () => {
    const twice: FieldProblem[] = [problems[0]!, problems[0]!];
    expect(formErrors(twice, FILLED).errors).toEqual({ service: "Choose a service." });
  });
});

describe("approving for less", () => {
  it("offers only what is shorter, the longest first chosen", () => {
    const view = shorterForm({
      ...owner,
      minutes: 480,
      untilClosed: false,
      durations: [480, 60, 240, 1440],
    })!;
    expect(durations(view)).toEqual(["60", "240"]);
    expect(things(view).find((thing) => thing.initial_option)?.initial_option).toMatchObject({
      value: "240",
    });
    expect(readMetadata(view.private_metadata)).toEqual({ id: "01HZ", digest: "d1g3st" });
  });

  it("finds something shorter than the shortest preset, if there is any", () => {
    expect(durations(shorterForm({ ...owner, minutes: 60, untilClosed: false, durations: [60] }))).toEqual([
      "5",
      "15",
      "30",
    ]);
    expect(shorterForm({ ...owner, minutes: 5, untilClosed: false, durations: [60] })).toBeNull();
  });

  it("is read back", () => {
    expect(readShorterForm({ duration: { "form.duration": { selected_option: { value: "60" } } } })).toEqual({
      minutes: 60,
    });
    expect(readShorterForm({})).toEqual({ minutes: null });
  });
});

describe("denying", () => {
  it("needs a reason", () => {
    const fields = denyForm(owner).blocks.filter((block) => block.type === "input");
    expect(fields).toHaveLength(1);
    expect(fields[0]).not.toHaveProperty("optional");
    expect(readDenyForm({ reason: { "form.reason": { value: " No. " } } })).toEqual({ reason: "No." });
  });

  it("says what it will do, and of more time that it stays open", () => {
    expect(wordsOf(denyForm({ ...owner, extension: true }))).toMatch(
      /^This denies more time for .*\. It stays open until its end\./,
    );
    expect(wordsOf(denyForm(owner))).toMatch(/^This denies the request for .*\. Nothing is opened\./);
  });
});

describe("extending", () => {
  it("says what needs nobody's approval", () => {
    const view = (freeMinutes: number) =>
      extendForm({ ...owner, endsAt: noon, durations: [60], freeMinutes, onlyFree: false });
    expect(wordsOf(view(120))).toContain("Up to 2 h is added at once; more waits for an approver.");
    expect(wordsOf(view(0))).toContain("An approver decides about more time.");
  });

  it.each([
    [[60, 240], 15, ["15", "60", "240"]],
    [[60, 240], 60, ["60", "240"]],
    [[60, 240], 0, ["60", "240"]],
    [[], 15, ["15", "60"]],
    [[], 0, ["60"]],
  ])("of presets %j with %i free minutes offers %j", (presets, freeMinutes, offered) => {
    const state = { ...owner, endsAt: noon, durations: presets, freeMinutes };
    expect(durations(extendForm({ ...state, onlyFree: false }))).toEqual(offered);
  });

  it("offers no more than is free where too few could approve more", () => {
    const view = extendForm({
      ...owner,
      endsAt: noon,
      durations: [15, 60, 240],
      freeMinutes: 30,
      onlyFree: true,
    });
    expect(durations(view)).toEqual(["15", "30"]);
    expect(wordsOf(view)).toContain(
      "Up to 30 min is added at once; there are too few approvers to ask for more.",
    );
  });

  it("is read back", () => {
    expect(readExtendForm(FILLED)).toEqual({ minutes: 480, reason: "Month-end\nclose" });
  });
});

describe("every modal", () => {
  const many = Array.from({ length: 300 }, (_, index) => index + 1);
  const long = { id: "i".repeat(128), digest: "d".repeat(128), hostname: POISON.repeat(9) };
  const modals = [
    shorterForm({ ...long, minutes: 90_000, untilClosed: true, durations: many })!,
    denyForm(long),
    denyForm({ ...long, extension: true }),
    extendForm({ ...long, endsAt: null, durations: many, freeMinutes: 99_999, onlyFree: false }),
    extendForm({ ...long, endsAt: noon, durations: [], freeMinutes: 0, onlyFree: false }),
  ];

  it.each(modals)("is taken by Slack, and nothing of people's is parsed ($title.text)", (view) => {
    expect(faultsOfModal(view)).toEqual([]);
    expect(parsedText(view)).toEqual([]);
  });
});
