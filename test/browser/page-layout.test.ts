// Nothing on the sandbox's page lies over what somebody has to read or press, on a phone as little as on a desk.
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PageState } from "../../sandbox/page/state.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import {
  actAs,
  chooseOption,
  fill,
  messages,
  modal,
  openChannel,
  pressButton,
  runCommand,
  submitModal,
  useShortcut,
} from "./sandbox-page.ts";

const PHONE = { width: 390, height: 844 };
const SMALL = { width: 1024, height: 768 };
const WIDE = { width: 1400, height: 900 };
let sandbox: Sandbox;
let browser: TestBrowser;

beforeAll(async () => {
  [sandbox, browser] = await Promise.all([startSandbox({ bot: true }), openBrowser()]);
  await sandbox.bot?.ready(60_000);
});

afterAll(async () => {
  await browser?.close();
  await sandbox?.stop();
});

/** Forms stay open, whoever looks at them: a new page begins with none. */
async function newPage(size: { width: number; height: number }): Promise<Page> {
  for (const { id } of sandbox.slack.modals("U0ASHA").reverse()) await sandbox.slack.closeView("U0ASHA", id);
  const page = await browser.page();
  await page.setViewportSize(size);
  await page.goto(sandbox.url);
  return page;
}

async function openForm(page: Page, service: string): Promise<Locator> {
  await runCommand(page, `/expose ${service}`);
  const form = modal(page, "Expose a Service");
  await form.getByRole("textbox", { name: "Hostname" }).waitFor();
  return form;
}

/** What does not belong to it and would take a tap on it, by a grid of points. */
async function takersOf(what: Locator): Promise<string[]> {
  return await what.evaluate((own) => {
    const { left, top, width, height } = own.getBoundingClientRect();
    const parts = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);
    const points = parts.flatMap((x) => parts.map((y) => [left + width * x, top + height * y] as const));
    const hit = points.flatMap(([x, y]) => document.elementFromPoint(x, y) ?? []);
    return [...new Set(hit.filter((each) => !own.contains(each)).map((each) => each.outerHTML))];
  });
}

/** Texts that stick out of the box that they are in, to the right. */
async function wideIn(what: Locator): Promise<string[]> {
  return await what.evaluate((own) => {
    const edge = own.getBoundingClientRect().right + 1;
    const all = [...own.querySelectorAll("*")];
    const wide = all.filter(
      (each) => each.getBoundingClientRect().right > edge || each.scrollWidth > own.clientWidth + 1,
    );
    return wide.map((each) => each.outerHTML.slice(0, 80));
  });
}

test.each([
  ["a phone", PHONE],
  ["a desk", WIDE],
])("on %s nothing takes the taps on a form", async (_, size) => {
  const page = await newPage(size);
  await useShortcut(page);
  const form = modal(page, "Expose a Service");
  await form.getByRole("textbox", { name: "Hostname" }).waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  expect(await takersOf(form)).toEqual([]);
  await page.close();
});

test("on a wide screen somebody else can be become while a form is open", async () => {
  const page = await newPage(WIDE);
  await openForm(page, "billing-api");
  await actAs(page, "Lee");
  await page.close();
});

test("a form that is sent too early leads to the first field that is missing", async () => {
  const page = await newPage(WIDE);
  await page.setViewportSize({ ...WIDE, height: 600 });
  const form = await openForm(page, "billing-api");
  await form.getByRole("button", { name: "Send Request" }).click();
  const field = form.locator("[aria-invalid=true]").first();
  await field.waitFor();
  const seen = () =>
    field.evaluate((own) => {
      const [inner, outer] = [own, own.closest(".modal-body")].map((each) => each?.getBoundingClientRect());
      const inside = !!inner && !!outer && inner.top >= outer.top && inner.bottom <= outer.bottom;
      return { inside, focused: own === document.activeElement };
    });
  await expect.poll(seen).toEqual({ inside: true, focused: true });
  await page.close();
});

test("a card with a long word in it stays within its channel, on a phone and on a desk", async () => {
  const page = await newPage(WIDE);
  await openForm(page, "grafana");
  await chooseOption(page, "Who may pass", "All employees");
  await fill(page, "Reason", `${"W".repeat(250)} https://wiki.lakeside.example/${"a-page".repeat(35)}`);
  await submitModal(page);
  await modal(page, "Request Sent").getByRole("button", { name: "Done" }).click();
  await actAs(page, "Lee");
  await openChannel(page, "bridge-approvals");
  const card = messages(page).last().locator(".blocks").first();
  await card.getByText("WWW").first().waitFor();
  for (const size of [WIDE, SMALL, PHONE]) {
    await page.setViewportSize(size);
    expect(await wideIn(card)).toEqual([]);
    expect(await page.getByRole("log").evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
  }
  await pressButton(page, "Approve");
  await card.getByText("Approved by").first().waitFor();
  await page.close();
});

test.each([1024, 1100, 1400])("at %i px the guide's words end before its button", async (width) => {
  const page = await newPage({ width, height: 768 });
  const guide = page.getByRole("region", { name: "Guide" });
  const button = guide.getByRole("button", { name: "Hide the guide" });
  const right = (words: Locator) =>
    words.evaluate((own) => Math.max(...[...own.children].map((each) => each.getBoundingClientRect().right)));
  const ends = async () => (await right(guide.locator("p"))) <= ((await button.boundingBox())?.x ?? 0);
  for (const step of await guide.getByRole("button", { name: /^Step / }).all()) {
    await step.click();
    expect(await ends()).toBe(true);
  }
  await page.route("**/state*", async (route) => {
    const response = await route.fetch();
    const state = (await response.json()) as PageState;
    await route.fulfill({ response, json: { ...state, guide: state.guide.map(done) } });
  });
  await page.reload();
  await guide.getByText("That was the whole story.").waitFor();
  expect(await ends()).toBe(true);
  // The page asks for its state all the time: an answer may be on its way as it closes.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.close();
});

function done(step: PageState["guide"][number]): PageState["guide"][number] {
  return { ...step, done: true };
}
