import type { ModalView } from "@slack/types";
import { describe, expect, it } from "vitest";
import { type ExposeFormState, exposeForm } from "../../src/views/expose-form.ts";
import { redrawnForm } from "../../src/views/expose-form-redraw.ts";
import { formErrors, readExposeForm } from "../../src/views/expose-form-values.ts";
import type { FieldValue, FormValues } from "../../src/views/form-parts.ts";
import { fieldsOf } from "./reading.ts";
import { service } from "./samples.ts";
import { faultsOfModal } from "./slack-limits.ts";

const AUDIENCES = [
  { id: "all", name: "All employees", description: "" },
  { id: "data", name: "Data team", description: "" },
];

function state(change: Partial<ExposeFormState> = {}): ExposeFormState {
  return {
    service: service(),
    hostnameLabel: "billing-api",
    zones: ["a.example", "b.example"],
    audiences: AUDIENCES,
    durations: [30, 60],
    reviewMinutes: null,
    defaultMinutes: 30,
    ...change,
  };
}

const idsOf = (view: ModalView) => fieldsOf(view).map((block) => block.block_id);

function initialOf(view: ModalView, name: string): unknown {
  const found = fieldsOf(view).find((block) => block.block_id?.split(".")[0] === name)?.element;
  const { initial_option: one, initial_options: many } = (found ?? {}) as {
    initial_option?: { value: string };
    initial_options?: { value: string }[];
  };
  return one?.value ?? many?.map((each) => each.value);
}

/** As Slack sends a form back in which this was chosen, by the name of its field. */
function shown(view: ModalView, chosen: Record<string, FieldValue> = {}) {
  const values: FormValues = {};
  for (const { block_id: id = "", element } of fieldsOf(view)) {
    const given = element as unknown as Record<string, unknown> & { action_id: string };
    const initial = {
      value: given.initial_value,
      selected_option: given.initial_option,
      selected_options: given.initial_options,
    } as FieldValue;
    values[id] = { [given.action_id]: chosen[id.split(".")[0] ?? ""] ?? initial };
  }
  const blocks = JSON.parse(JSON.stringify(view.blocks), (key, value) =>
    key === "text" && value?.type === "plain_text" ? { ...value, emoji: true } : value,
  ) as Record<string, unknown>[];
  return { values, blocks };
}

const pick = (value: string): FieldValue => ({ selected_option: { value } });

describe("the form drawn again for another service", () => {
  it("has its times and zones in new blocks where others are offered", () => {
    const first = exposeForm(state());
    expect(idsOf(first)).toEqual(expect.arrayContaining(["zone", "duration"]));
    const second = redrawnForm(state({ durations: [60, 240] }), shown(first));
    expect(idsOf(second)).toEqual(expect.arrayContaining(["zone.1", "duration.1"]));
    const third = redrawnForm(state({ zones: ["b.example", "c.example"] }), shown(second));
    expect(idsOf(third)).toEqual(expect.arrayContaining(["zone.2", "duration.2"]));
    expect(faultsOfModal(third)).toEqual([]);
  });

  it("leaves them in the blocks that they have where the same is offered", () => {
    const view = redrawnForm(
      state({ service: service({ name: "reports" }), hostnameLabel: "reports" }),
      shown(exposeForm(state())),
    );
    expect(idsOf(view)).toEqual([
      "service",
      "hostname.1",
      "zone",
      "audience",
      "people",
      "duration",
      "reason",
    ]);
  });

  it("sees an open end whose review comes at another time as another offer", () => {
    const first = exposeForm(state({ reviewMinutes: 43_200 }));
    expect(idsOf(redrawnForm(state({ reviewMinutes: 129_600 }), shown(first)))).toContain("duration.1");
  });

  it("never comes back to a block that a zone had before it was gone", () => {
    const one = state({ zones: ["a.example"] });
    const gone = redrawnForm(one, shown(exposeForm(state())));
    expect(idsOf(gone)).not.toContain("zone");
    expect(idsOf(redrawnForm(state(), shown(gone)))).toContain("zone.2");
  });

  it.each([
    ["is kept where it is still offered", "60", [60, 240], null, "60"],
    ["gives way to the first where it is not", "30", [60, 240], null, "60"],
    ["is kept without an end", "until-closed", [60, 240], 43_200, "until-closed"],
    ["gets an end where it needs one", "until-closed", [60, 240], null, "60"],
    ["is never offered because it was chosen before", "30", [], null, "45"],
  ])("a time that was chosen %s", (_case, chosen, durations, reviewMinutes, expected) => {
    const next = state({ durations, reviewMinutes, defaultMinutes: durations[0] ?? 45 });
    const view = redrawnForm(
      next,
      shown(exposeForm(state({ reviewMinutes: 20_160 })), { duration: pick(chosen) }),
    );
    expect(initialOf(view, "duration")).toBe(expected);
  });

  it("keeps the zone where it is still offered, and the audiences", () => {
    const before = shown(exposeForm(state()), {
      zone: pick("b.example"),
      audience: { selected_options: [{ value: "data" }] },
    });
    const still = redrawnForm(state({ zones: ["c.example", "b.example"] }), before);
    expect(initialOf(still, "zone")).toBe("b.example");
    expect(initialOf(still, "audience")).toEqual(["data"]);
    expect(initialOf(redrawnForm(state({ zones: ["c.example", "d.example"] }), before), "zone")).toBe(
      "c.example",
    );
  });

  it("suggests the hostname anew, unless one was typed", () => {
    const first = exposeForm(state());
    const next = state({ hostnameLabel: "reports" });
    expect(idsOf(redrawnForm(next, shown(first)))).toContain("hostname.1");
    const typed = redrawnForm(next, shown(first, { hostname: { value: "mine" } }));
    expect(idsOf(typed)).toContain("hostname");
    expect(fieldsOf(typed)[1]?.element).toMatchObject({ initial_value: "mine" });
  });

  it("is read back, with a problem of the time under its field", () => {
    const view = redrawnForm(state({ durations: [60, 240] }), shown(exposeForm(state())));
    const { values } = shown(view, { duration: pick("240"), zone: pick("b.example") });
    expect(readExposeForm(values)).toMatchObject({ duration: 240, zone: "b.example", optionsRevision: 1 });
    const { errors } = formErrors([{ field: "duration", problem: "missing" }], values);
    expect(Object.keys(errors)).toEqual(["duration.1"]);
  });

  it("is read by its newest blocks, where Slack still sends older ones", () => {
    const old = shown(exposeForm(state())).values;
    const now = shown(
      redrawnForm(state({ zones: ["a.example"], durations: [60] }), shown(exposeForm(state()))),
    );
    expect(readExposeForm({ ...now.values, ...old })).toMatchObject({ duration: 60, zone: null });
  });
});
