import type { InputBlock, ModalView } from "@slack/types";
import { describe, expect, it } from "vitest";
import {
  type ExposeFormState,
  exposeForm,
  loadingForm,
  refusedForm,
  serviceOptions,
} from "../../src/views/expose-form.ts";
import { serviceWarnings } from "../../src/views/service-words.ts";
import { fieldsOf, things, wordsOf } from "./reading.ts";
import { POISON, service } from "./samples.ts";
import { faultsOfModal } from "./slack-limits.ts";

function state(change: Partial<ExposeFormState> = {}): ExposeFormState {
  return {
    service: service(),
    hostnameLabel: "billing-api",
    zones: ["example.com"],
    audiences: [
      { id: "all", name: "All employees", description: "Everybody at example.com" },
      { id: "data", name: "Data team", description: "" },
    ],
    durations: [60, 480, 1440],
    reviewMinutes: 43_200,
    defaultMinutes: 480,
    ...change,
  };
}

function field(view: ModalView, blockId: string): InputBlock["element"] {
  return fieldsOf(view).find((block) => block.block_id === blockId)!.element;
}

describe("the form", () => {
  it("opens at once with nothing to fill in", () => {
    expect(faultsOfModal(loadingForm())).toEqual([]);
    expect(fieldsOf(loadingForm())).toEqual([]);
  });

  it("has nothing to fill in for whom it is not, whatever the reason says", () => {
    for (const why of ["Guests cannot use Drawbridge.", POISON.repeat(40)])
      expect(faultsOfModal(refusedForm(why))).toEqual([]);
    expect(fieldsOf(refusedForm("no"))).toEqual([]);
    expect(refusedForm("no")).not.toHaveProperty("submit");
  });

  it("asks six things, and a seventh only where there are several zones", () => {
    const ids = (view: ModalView) => fieldsOf(view).map((block) => block.block_id);
    expect(ids(exposeForm(state()))).toEqual([
      "service",
      "hostname",
      "audience",
      "people",
      "duration",
      "reason",
    ]);
    expect(ids(exposeForm(state({ zones: ["a.com", "b.com"] })))).toContain("zone");
    expect(ids(exposeForm(state({ audiences: [] })))).not.toContain("audience");
  });

  it("reports a change of the service only", () => {
    const reporting = fieldsOf(exposeForm(state())).filter((block) => block.dispatch_action);
    expect(reporting.map((block) => block.block_id)).toEqual(["service"]);
  });

  it("shows the service, the suggestion, the zone and the preset", () => {
    const view = exposeForm(state());
    expect(field(view, "service")).toMatchObject({
      min_query_length: 0,
      initial_option: { value: "acme-prod/asia-northeast1/billing-api" },
    });
    expect(field(view, "hostname")).toMatchObject({ initial_value: "billing-api" });
    expect(wordsOf(view)).toContain("It becomes billing-api.example.com.");
    expect(field(view, "duration")).toMatchObject({ initial_option: { value: "480" } });
    expect(wordsOf(view)).toContain("Until closed (review in 30 days)");
  });

  it("says under the hostname that no tunnel carries the service, before anybody types one", () => {
    const stranded = wordsOf(exposeForm(state({ zones: [] })));
    expect(stranded).toContain("No zone is set up for this service. Ask a Drawbridge admin to add one.");
    expect(stranded).not.toContain("It becomes");
    expect(wordsOf(exposeForm(state({ service: null, zones: [] })))).not.toContain("No zone is set up");
  });

  it.each([
    [720, "12 h"],
    [1440, "1 day"],
    [2160, "1 day 12 h"],
    [129_600, "90 days"],
  ])("says of a review after %i minutes that it is in %s", (reviewMinutes, said) => {
    expect(wordsOf(exposeForm(state({ reviewMinutes })))).toContain(`Until closed (review in ${said})`);
  });

  it("offers no open end where policy has none", () => {
    expect(wordsOf(exposeForm(state({ reviewMinutes: null })))).not.toContain("Until closed");
  });

  it("replaces what was typed only with a new block", () => {
    const ids = [0, 2].map(
      (hostnameRevision) => fieldsOf(exposeForm(state({ hostnameRevision })))[1]?.block_id,
    );
    expect(ids).toEqual(["hostname", "hostname.2"]);
  });

  it("keeps the hostname that was typed", () => {
    const view = exposeForm(state({ typedHostname: "bill" }));
    expect(field(view, "hostname")).toMatchObject({ initial_value: "bill" });
  });

  it("holds what was asked for before, where it is still offered", () => {
    const audiences = state().audiences.map((each) => ({ ...each, chosen: each.id === "data" }));
    const again = exposeForm(state({ audiences, defaultMinutes: 1440 }));
    expect(faultsOfModal(again)).toEqual([]);
    expect(field(again, "audience")).toMatchObject({ initial_options: [{ value: "data" }] });
    expect(field(again, "duration")).toMatchObject({ initial_option: { value: "1440" } });
    expect(field(exposeForm(state()), "audience")).not.toHaveProperty("initial_options");
    const open = state({ untilClosed: true });
    expect(field(exposeForm(open), "duration")).toMatchObject({ initial_option: { value: "until-closed" } });
    expect(field(exposeForm({ ...open, reviewMinutes: null }), "duration")).toMatchObject({
      initial_option: { value: "60" },
    });
  });

  it("says of a public service what to do, however long its address is", () => {
    const url = `https://${"invoice-worker-".repeat(3)}a-123456789012.asia-northeast1.run.app`;
    const warnings = serviceWarnings(service({ ingress: "all", url }));
    const [shown = ""] = things(exposeForm(state({ warnings })).blocks)
      .filter((each) => each.type === "alert")
      .map((each) => (each.text as { text: string }).text);
    expect(shown).toContain("set its ingress to internal.");
    expect(shown).toContain("anybody on the internet reaches it at https://invoice-worker-");
  });

  it("shows problems at the top and warnings under the service", () => {
    const view = exposeForm(state({ problems: ["Openings are frozen."], warnings: ["It is public."] }));
    expect(view.blocks.slice(0, 3)).toMatchObject([
      { type: "alert", level: "error", text: { text: "Openings are frozen." } },
      { type: "input", block_id: "service" },
      { type: "alert", level: "warning", text: { text: "It is public." } },
    ]);
  });

  it.each([
    ["nothing known", state({ service: null, hostnameLabel: "", zones: [], audiences: [], durations: [] })],
    [
      "everything too long",
      state({
        service: service({ name: POISON.repeat(9), project: "p", region: "r" }),
        hostnameLabel: POISON.repeat(9),
        zones: Array.from({ length: 300 }, (_, index) => `${index}.${"z".repeat(index)}`),
        audiences: Array.from({ length: 250 }, (_, index) => ({
          id: `audience-${index}`,
          name: POISON.repeat(9),
          description: POISON.repeat(9),
        })),
        durations: Array.from({ length: 300 }, (_, index) => index * 7),
        warnings: Array.from({ length: 50 }, () => POISON.repeat(9)),
        problems: Array.from({ length: 50 }, () => POISON.repeat(9)),
        typedHostname: POISON.repeat(90),
      }),
    ],
  ])("is taken by Slack with %s", (_name, given) => {
    expect(faultsOfModal(exposeForm(given))).toEqual([]);
    expect(things(exposeForm(given)).filter((thing) => thing.type === "mrkdwn")).toEqual([]);
  });
});

describe("services to choose from", () => {
  const services = [
    service({ name: "reports-billing", project: "acme-dev", description: "" }),
    service({ name: "billing-api", description: "Invoices" }),
    service({ name: "catalog", region: "us-central1", description: "" }),
    service({ name: "billing-api", project: "acme-dev", description: "" }),
  ];
  const found = (query: string) => serviceOptions(services, query).map((each) => each.value);

  it.each([
    ["", 4, "acme-dev/asia-northeast1/billing-api"],
    ["BILLING", 3, "acme-dev/asia-northeast1/billing-api"],
    ["acme-dev billing", 2, "acme-dev/asia-northeast1/billing-api"],
    ["us-central", 1, "acme-prod/us-central1/catalog"],
    ["invoices", 1, "acme-prod/asia-northeast1/billing-api"],
    ["reports", 1, "acme-dev/asia-northeast1/reports-billing"],
  ])("%j finds %i, first %s", (query, count, first) => {
    expect(found(query)).toHaveLength(count);
    expect(found(query)[0]).toBe(first);
  });

  it("are none for what is nowhere", () => {
    expect(found("payroll")).toEqual([]);
  });

  it("say where they run", () => {
    expect(serviceOptions(services, "catalog")[0]?.description?.text).toBe("acme-prod · us-central1");
  });

  it("are at most a hundred, each within Slack's limits", () => {
    const many = Array.from({ length: 500 }, (_, index) => service({ name: `s${index}-${"x".repeat(90)}` }));
    const options = serviceOptions(many, "s");
    expect(options).toHaveLength(100);
    expect(options.every((each) => each.text.text.length <= 75 && each.value!.length <= 150)).toBe(true);
    expect(serviceOptions([service({ name: "n".repeat(300) })], "")).toEqual([]);
  });
});
