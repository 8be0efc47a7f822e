// What the form behind /expose offers: looked up seldom, since rights hang on the same look-ups, and as far as it is known.
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { type CloudRunService, type ServiceRef, serviceKey } from "../../src/domain/service.ts";
import { onServiceQuery, openForm } from "../../src/handlers/open-form.ts";
import { gatherFacts } from "../../src/handlers/request-facts.ts";
import { rightToDecide } from "../../src/handlers/rights.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { createPeople } from "../../src/services/people.ts";
import { createRecentPeople } from "../../src/services/recent-people.ts";
import { createSlack } from "../../src/services/slack.ts";
import { fromCode } from "../../src/services/slack-failure.ts";
import { billing, sampleExposure } from "../domain/exposure-sample.ts";
import { fileWith, RULE } from "../policy-sample.ts";
import { BOT_TOKEN, recorder, startWorkspace } from "../services/slack-world.ts";

const LIST = "usergroups.users.list";
const TYPED = ["", "l", "le", "led", "ledg"];
const DELETED = { groups: ["S0DELETED"] };
const REQUESTERS = { wiki: { groups: ["S0EMPTY"] }, ledger: { groups: ["S0LEADS"] }, vault: DELETED };

/** Who may ask for what; Lee is the one lead, nobody is in S0EMPTY, and Slack knows no S0DELETED. `elsewhere`: further
 *  services of the same names. */
async function start(
  requesters: Record<string, object | "everyone"> = { ...REQUESTERS, notes: "everyone" },
  elsewhere: CloudRunService[] = [],
) {
  const { apiUrl, faults, journal, workspace, clock } = await startWorkspace({ rateLimits: true });
  const { log, messages } = recorder();
  const slack = createSlack({ botToken: BOT_TOKEN, apiUrl, log });
  const rules = Object.entries(requesters).map(([name, may]) => ({
    ...RULE,
    services: [name],
    requesters: may,
    untilClosed: { review: "36h" },
  }));
  const policy = parsePolicy(stringify(fileWith({ rules }), { aliasDuplicateObjects: false }));
  const services = [...Object.keys(requesters).map((name) => ({ ...billing, name })), ...elsewhere];
  const asked = { slack, allowedEmailDomains: policy.peopleDomains };
  const shown: string[] = [];
  const tools = {
    policy,
    log,
    people: createPeople(asked),
    recentPeople: createRecentPeople({ ...asked, now: clock.now }),
    cloudRun: {
      listServices: async () => services,
      describe: async (ref: ServiceRef) => services.find((each) => serviceKey(each) === serviceKey(ref)),
    },
    slack: {
      ...slack,
      openView: async () => ({ viewId: "V1" }),
      updateView: async ({ view }: { view: object }) => void shown.push(JSON.stringify(view)),
    },
    surroundings: {
      prepare: () => undefined,
      takenBy: async () => null,
      applications: async () => ({ count: 3, limit: 500 }),
    },
    exposures: { liveAt: async () => null, sameRequest: async () => null },
    guards: { isOn: async () => false },
  } as object as HandlerTools;
  /** The services that a person finds as they type. */
  async function offered(userId: string, query = ""): Promise<string[]> {
    let names: string[] = [];
    const ack = async (options: { text: { text: string } }[]) => {
      names = options.map(({ text }) => text.text);
    };
    await onServiceQuery(tools)({ userId, query, ack });
    return names;
  }
  /** What a person reads in the form. */
  async function opened(userId: string, name = ""): Promise<string> {
    await openForm(tools, { userId, triggerId: "t" }, name);
    return shown.at(-1) ?? "";
  }
  const calls = (method: string) => journal.entries().filter(({ path }) => path.endsWith(method)).length;
  return { tools, offered, opened, calls, faults, workspace, clock, messages };
}

test("people who type leave the look-ups to those who decide", async () => {
  const { tools, offered, opened, calls } = await start();
  for (const who of ["U0ASHA", "U0LEE"]) {
    await opened(who);
    for (const query of TYPED) await offered(who, query);
  }
  expect(calls(LIST)).toBe(3);
  // As the form is opened it is asked anew who somebody is: that tells them that they may not ask at all.
  expect(calls("users.info")).toBe(4);
  const ledger = sampleExposure({ service: { ...billing, name: "ledger" } });
  for (let click = 0; click < 10; click += 1)
    expect((await rightToDecide(tools, ledger, "U0LEE")).right).toBeNull();
  expect(calls(LIST)).toBe(13);
});

test("who types while a look-up is under way waits for the same one", async () => {
  const { offered, calls } = await start();
  const found = await Promise.all(TYPED.map((query) => offered("U0LEE", query)));
  expect(found.map(([first]) => first)).toEqual(TYPED.map(() => "ledger"));
  expect([calls(LIST), calls("users.info")]).toEqual([3, 1]);
});

test("a group that cannot be read takes nothing that is for everyone, or that another group proves", async () => {
  const { offered, messages } = await start();
  expect(await offered("U0ASHA")).toEqual(["notes"]);
  expect(await offered("U0LEE")).toEqual(["ledger", "notes"]);
  expect(messages()).toContain("a user group could not be looked up");
});

const CANNOT =
  "Drawbridge cannot look up people and user groups in Slack just now. Tell a Drawbridge admin: /expose doctor shows what is missing.";
const MISSING = "Some services may be missing from the list.";

test("where a group that cannot be read leaves some services out, the form says so, and can be filled", async () => {
  const { opened } = await start();
  const partly = await opened("U0LEE");
  expect(partly).toContain(`"level":"warning","text":{"type":"plain_text","text":"${MISSING} ${CANNOT}"`);
  expect(partly).toContain("Send Request");
  expect(partly).not.toContain('"level":"error"');
  // One that is there was asked for by its name: what else there may be does not matter.
  expect(await opened("U0LEE", "ledger")).not.toContain("may be missing");
  const unsure = await opened("U0LEE", "vault");
  expect(unsure).toContain(`"level":"error","text":{"type":"plain_text","text":"${MISSING} ${CANNOT}"`);
  expect(unsure).not.toContain("There is no service");
});

test("where it leaves no service at all, the form says why", async () => {
  const { offered, opened } = await start({ vault: DELETED });
  expect(await offered("U0LEE")).toEqual([]);
  expect(await opened("U0LEE")).toContain(`"level":"error","text":{"type":"plain_text","text":"${CANNOT}"`);
});

test("where it would give nothing that is not known anyhow, nothing is said of it", async () => {
  const { opened } = await start({
    ledger: { groups: ["S0LEADS", "S0DELETED"] },
    payroll: { people: ["U0ASHA"] },
  });
  expect(await opened("U0LEE")).not.toContain('"type":"alert"');
  expect(await opened("U0LEE", "payroll")).toContain('There is no service \\"payroll\\"');
});

test("of several services of one name none is taken, and the form names them; a whole key is one of them", async () => {
  const abroad = { ...billing, name: "notes", region: "us-central1" };
  const labs = { ...billing, name: "notes", project: "lakeside-labs" };
  const { opened } = await start({ notes: "everyone" }, [abroad, labs]);
  const keys =
    "lakeside-labs/asia-northeast1/notes, lakeside-prod/asia-northeast1/notes, lakeside-prod/us-central1/notes";
  const unsure = await opened("U0LEE", "Notes");
  expect(unsure).toContain(
    `"level":"error","text":{"type":"plain_text","text":"Several services are named \\"Notes\\". Choose one from the list: ${keys}."`,
  );
  expect(unsure).not.toContain('"value":"lakeside-');
  for (const each of [abroad, labs, { ...billing, name: "notes" }]) {
    const sure = await opened("U0LEE", serviceKey(each));
    expect(sure).not.toContain('"type":"alert"');
    expect(sure).toContain(`"value":"${serviceKey(each)}"`);
  }
});

test("the time until a review is told to the minute, not in whole days", async () => {
  const { opened } = await start();
  expect(await opened("U0LEE", "ledger")).toContain("Until closed (review in 1 day 12 h)");
});

test("Slack's limit empties nobody's form, and is no answer: the group is looked up again when it is over", async () => {
  const { offered, opened, calls, faults, clock } = await start();
  const limited = { kind: "status", status: 429, retryAfterSeconds: 30 } as const;
  const fault = faults.add({ vendor: "slack", path: LIST, times: 0, effect: limited });
  for (const query of TYPED) await offered("U0LEE", query);
  expect(await offered("U0LEE")).toEqual(["notes"]);
  expect(await opened("U0LEE")).toContain(`${MISSING} Slack limits how often ${LIST} may be called`);
  expect(calls(LIST)).toBe(3);
  faults.remove(fault);
  clock.forward(30_000);
  expect(await offered("U0LEE")).toEqual(["ledger", "notes"]);
});

test("what is offered by an answer of a moment ago grants nothing, and is gone a minute later", async () => {
  const { tools, offered, workspace, clock } = await start();
  expect(await offered("U0LEE")).toEqual(["ledger", "notes"]);
  workspace.setUserGroup("S0LEADS", ["U0ASHA"]);
  expect(await offered("U0LEE")).toEqual(["ledger", "notes"]);
  const form = {
    serviceKey: "lakeside-prod/asia-northeast1/ledger",
    ...{ hostname: "ledger", zone: "lakeside.example", audiences: [], people: [] },
    ...{ duration: 60, reason: "Audit" },
  };
  expect((await gatherFacts(tools, "U0LEE", form)).whyMayNotAsk).toMatchObject({ because: "may-not-ask" });
  clock.forward(60_000);
  expect(await offered("U0LEE")).toEqual(["notes"]);
  expect(await offered("U0ASHA")).toEqual(["ledger", "notes"]);
});

test("who sends the form again and again looks up the people picked once a minute", async () => {
  const { tools, calls, clock } = await start();
  const picked = ["U0ASHA", "U0LEE", "U0GUEST"];
  const form = {
    ...{ serviceKey: serviceKey({ ...billing, name: "notes" }), untilClosed: false },
    ...{ hostname: "notes", zone: "lakeside.example", audiences: [], people: picked },
    ...{ duration: 60, reason: "Audit" },
  };
  const send = async () => (await gatherFacts(tools, "U0ASHA", form)).picked.map(({ why }) => why);
  for (let time = 0; time < 10; time += 1) expect(await send()).toEqual([null, null, "guest"]);
  expect(calls("users.info")).toBe(picked.length);
  clock.forward(60_000);
  await send();
  expect(calls("users.info")).toBe(2 * picked.length);
});

test("a form that was closed meanwhile is let go, one that Slack did not take is told of", async () => {
  const { tools } = await start();
  const asker = { userId: "U0LEE", triggerId: "t", answer: async () => undefined };
  const refusedWith = (code: string) => {
    tools.slack.updateView = () => Promise.reject(fromCode("views.update", code));
    return openForm(tools, asker, "").then(
      () => null,
      (error: Error) => error.message,
    );
  };
  expect(await refusedWith("not_found")).toBeNull();
  expect(await refusedWith("hash_conflict")).toBeNull();
  expect(await refusedWith("view_too_large")).toBe("Slack refused views.update: view_too_large.");
});
