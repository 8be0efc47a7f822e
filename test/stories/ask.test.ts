// Asking: the form opens at once, offers what the person may ask for, warns of what Cloud Run says, and becomes a card.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SlackView } from "../../sandbox/contract.ts";
import { blocks, inputs } from "../../src/views/ids.ts";
import { ask, expose } from "../exposing.ts";
import type { Person } from "../people.ts";
import { withShops } from "../shops.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withShops(110) });
});
afterAll(() => world.close());

test("the form stands before Cloud Run is asked anything, and is filled afterwards", async () => {
  const { asha, sandbox } = world;
  sandbox.shared.journal.clear();

  const form = await asha.opensForm("billing-api");

  const calls = sandbox.shared.journal
    .entries()
    .filter((each) => ["slack", "google"].includes(each.vendor))
    .map((each) => each.path.split("/").at(-1));
  expect(calls[0]).toBe("views.open");
  expect(calls.at(-1)).toBe("views.update");
  const opened = sandbox.shared.journal.entries().find((each) => each.path.endsWith("views.open"));
  expect(JSON.stringify(opened?.body)).toContain("Reading services and policy");
  expect(chosenService(form)).toBe("billing-api");
  expect(suggestedHostname(form)).toBe("billing-api");
  expect(problemsIn(form)).toEqual([]);
});

test("once sent, the form says to whom it went and how the person hears of it", async () => {
  const { asha, sandbox } = world;
  const form = await asha.opensForm("shop-9");
  const values = {
    [blocks.audience]: { [inputs.audience]: ["employees"] },
    [blocks.reason]: { [inputs.reason]: "Month-end closing" },
  };
  expect(await sandbox.slack.submit(asha.id, form.id, values)).toMatchObject({ outcome: "acked" });
  const [sent] = sandbox.slack.modals(asha.id);
  expect(sent?.view).toMatchObject({ title: { text: "Request Sent" }, close: { text: "Done" } });
  expect(sent?.view.submit).toBeNull();
  const said = JSON.stringify(sent?.view.blocks);
  expect(said).toContain("shop-9.lakeside.example");
  expect(said).toContain("waits for <!subteam^S0LEADS>. You get a direct message when they have decided");
  await asha.closesForms();
});

test("a service that does not exist is named, and the list is there to choose from", async () => {
  const form = await world.asha.opensForm("nonsense");
  expect(problemsIn(form)).toEqual([
    'There is no service "nonsense" that you may ask for. Choose one from the list.',
  ]);
  expect(chosenService(form)).toBeNull();
  expect(await offered(world.asha, "billing")).toEqual(["billing-api"]);
});

test("the global shortcut opens the same form", async () => {
  await world.sandbox.slack.shortcut(world.tom.id, "expose_new");
  const form = await world.tom.modal();
  expect(form.callbackId).toBe("expose");
  expect(chosenService(form)).toBeNull();
});

test("people are offered only what they may ask for, a hundred at the most", async () => {
  await world.tom.opensForm("");
  expect(await offered(world.tom, "payroll")).toEqual([]);
  await world.asha.opensForm("");
  expect(await offered(world.asha, "payroll")).toEqual(["payroll-admin"]);
  expect(await offered(world.asha, "")).toHaveLength(100);
});

test("another service brings its own hostname and times, but keeps a hostname that was typed", async () => {
  const { asha } = world;
  const form = await asha.opensForm("reports");
  expect(lengthsIn(form)).toContain("Until closed (review in 30 days)");

  const other = await chooses(asha, form, "payroll-admin");
  expect(suggestedHostname(other)).toBe("payroll-admin");
  expect(lengthsIn(other)).toEqual(["30 min", "1 h", "2 h"]);

  const typed = await chooses(asha, other, "grafana", { hostname: "dashboards" });
  expect(suggestedHostname(typed)).toBe("dashboards");
});

test("a time that was offered before the service was chosen is not asked for unseen", async () => {
  const { asha } = world;
  expect(lengthsIn(await asha.opensForm(""))?.[0]).toBe("30 min");
  await asha.chooses("shop-10");
  expect(await asha.submits({ [inputs.audience]: ["employees"], [inputs.reason]: "Demo" })).toBeNull();
  await world.until("it is asked for", () => world.card("shop-10.lakeside.example"));
  expect(world.cardText("shop-10.lakeside.example")).toMatch(/^.* for 1 h/);
});

test("a service that the internet already reaches is warned of, on the form and on the card", async () => {
  const form = await world.asha.opensForm("orders-api");
  expect(warningsIn(form)[0]).toMatch(
    /This service is public: set its ingress to internal\. Without passing Access, anybody on the internet reaches it at https:\/\/orders-api-/,
  );

  const host = await ask(world, { service: "orders-api" });
  expect(world.cardText(host)).toContain("Warning: this service is public");
  expect(world.cardText(host)).toContain("Ingress: all (the internet reaches its run.app address)");
});

test("a service that takes signed requests only is warned of", async () => {
  const form = await world.asha.opensForm("ledger");
  expect(warningsIn(form)[0]).toMatch(
    /cloudflared cannot sign requests: Cloud Run will refuse every visitor/,
  );

  const host = await ask(world, { service: "ledger" });
  expect(world.cardText(host)).toContain("Invoker IAM check: on (requests need an identity token)");
});

test("the people picked pass Access by their email, and nobody else does", async () => {
  const { cloudflare } = world.sandbox;
  const host = await expose(world, { service: "shop-1", audiences: [], people: ["U0TOM", "U0MINA"] });

  expect(world.cardText(host)).toContain("2 people");
  expect(world.cardText(host)).toContain("tom@lakeside.example");
  expect((await cloudflare.visit(host, { email: "tom@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  expect((await cloudflare.visit(host, { email: "mina@lakeside.example" })).verdict).toBe(
    "reached the service",
  );
  expect((await cloudflare.visit(host, { email: "asha@lakeside.example" })).verdict).toBe(
    "refused by Access",
  );
});

test("a card appears only for the request, and the form closes", async () => {
  const { tom, sandbox } = world;
  const host = await ask(world, { service: "shop-2", reason: "Stocktaking" }, tom);
  expect(sandbox.slack.modals(tom.id)).toEqual([]);
  expect(textOf(world.card(host))).toContain("Stocktaking");
});

test("a closed listing of Cloud Run is said on the form, and a later look is fresh", async () => {
  const { asha, sandbox } = world;
  sandbox.shared.clock.forward(2 * 60_000);
  const unavailable = { kind: "status", status: 14 } as const;
  const fault = sandbox.shared.faults.add({
    vendor: "google",
    method: "ListServices",
    times: 0,
    effect: unavailable,
  });

  const form = await asha.opensForm("");
  expect(problemsIn(form)).toHaveLength(1);
  expect(problemsIn(form)[0]).toMatch(/Cloud Run/);
  expect(await offered(asha, "")).toEqual([]);

  sandbox.shared.faults.remove(fault);
  expect(problemsIn(await asha.opensForm("shop-3"))).toEqual([]);
});

test("what only an admin can mend is said in short on the form, and in full in the log", async () => {
  const { asha, sandbox, logged } = world;
  const refuses = (method: string, status: number) =>
    sandbox.shared.faults.add({ vendor: "google", method, times: 0, effect: { kind: "status", status } });
  const short =
    "Drawbridge cannot read the Cloud Run services just now. Tell a Drawbridge admin: /expose doctor shows what is missing.";
  sandbox.shared.clock.forward(2 * 60_000);

  const noList = refuses("ListServices", 7);
  expect(problemsIn(await asha.opensForm(""))).toEqual([short]);
  expect(logged.join("")).toContain("Grant its service account roles/run.viewer on the project");
  sandbox.shared.faults.remove(noList);

  const form = await asha.opensForm("");
  const noLook = refuses("GetService", 7);
  expect(problemsIn(await chooses(asha, form, "shop-3"))).toEqual([short]);
  sandbox.shared.faults.remove(noLook);
  const gone = refuses("GetService", 5);
  expect(problemsIn(await chooses(asha, await asha.modal(), "shop-4"))).toEqual([
    "Cloud Run does not know this service any more. Choose another from the list.",
  ]);
  expect(problemsIn(await asha.opensForm("shop-3"))).toEqual([
    'There is no service "shop-3" that you may ask for. Choose one from the list.',
  ]);
  sandbox.shared.faults.remove(gone);
});

type Block = { type: string; level?: string; text?: { text: string }; block_id?: string; element?: Element };
type Element = {
  initial_value?: string;
  initial_option?: { text: { text: string } };
  options?: { text: { text: string } }[];
};

function blocksOf(form: SlackView): Block[] {
  return form.view.blocks as Block[];
}

function chosenService(form: SlackView): string | null {
  const block = blocksOf(form).find((each) => each.block_id === blocks.service);
  return block?.element?.initial_option?.text.text ?? null;
}

function suggestedHostname(form: SlackView): string | undefined {
  return blocksOf(form).find((each) => each.block_id?.startsWith(blocks.hostname))?.element?.initial_value;
}

function lengthsIn(form: SlackView): string[] | undefined {
  const block = blocksOf(form).find((each) => each.block_id?.startsWith(blocks.duration));
  return block?.element?.options?.map((each) => each.text.text);
}

const problemsIn = (form: SlackView) => alertsIn(form, "error");
const warningsIn = (form: SlackView) => alertsIn(form, "warning");

function alertsIn(form: SlackView, level: string): string[] {
  return blocksOf(form).flatMap((each) =>
    each.type === "alert" && each.level === level ? (each.text?.text ?? "") : [],
  );
}

async function offered(person: Person, query: string): Promise<string[]> {
  const form = await person.modal();
  const answer = await world.sandbox.slack.options(person.id, form.id, blocks.service, inputs.service, query);
  return (answer as { options: { text: { text: string } }[] }).options.map((each) => each.text.text);
}

/** Chooses another service, with a hostname typed before where one is given. */
async function chooses(
  person: Person,
  form: SlackView,
  service: string,
  { hostname }: { hostname?: string } = {},
): Promise<SlackView> {
  const { slack } = world.sandbox;
  const field = blocksOf(form).find((each) => each.block_id?.startsWith(blocks.hostname))?.block_id ?? "";
  const typed = hostname ? { [field]: { [inputs.hostname]: hostname } } : {};
  const answer = await slack.options(person.id, form.id, blocks.service, inputs.service, service);
  const [first] = (answer as { options: { value: string }[] }).options;
  const choice = { actionId: inputs.service, blockId: blocks.service, value: first?.value ?? "" };
  await slack.act(person.id, { viewId: form.id }, choice, typed);
  return await world.until(`the form is about ${service}`, () => {
    const now = slack.modals(person.id).at(-1);
    return now && now.hash !== form.hash ? now : null;
  });
}
