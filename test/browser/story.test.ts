// The whole story as a newcomer clicks it, with the real bot started as in production. UPDATE_SCREENSHOTS=1 renews the
// README's picture.
import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import {
  actAs,
  chooseOption,
  confirm,
  fill,
  forwardTime,
  messages,
  modal,
  openChannel,
  pressButton,
  runCommand,
  submitModal,
  visit,
} from "./sandbox-page.ts";

const HOST = "billing-api.lakeside.example";
const RENEWING = process.env.UPDATE_SCREENSHOTS === "1";
const RESULTS = "test-results";
const PICTURES = RENEWING ? "docs/images" : RESULTS;
let sandbox: Sandbox;
let browser: TestBrowser;

beforeAll(async () => {
  [sandbox, browser] = await Promise.all([
    // The pictures show the tunnel's processes too; the story does without.
    startSandbox({ bot: true, ...(RENEWING ? { cloudflared: true } : {}) }),
    openBrowser(),
    mkdir(RESULTS, { recursive: true }),
  ]);
  await sandbox.bot?.ready(60_000);
});

afterAll(async () => {
  await browser?.close();
  await sandbox?.stop();
});

test("a newcomer asks, approves, visits, moves time forward and sees it close", async () => {
  const page = await browser.page();
  await page.goto(sandbox.url);

  await runCommand(page, "/expose billing-api");
  await modal(page, "Expose a Service").getByRole("textbox", { name: "Hostname" }).waitFor();
  await page.screenshot({ path: `${RESULTS}/form.png` });
  await chooseOption(page, "Who may pass", "All employees");
  await chooseOption(page, "For how long", "4 h");
  await fill(page, "Reason", "Month-end closing with the auditors");
  await submitModal(page);
  await modal(page, "Request Sent").getByRole("button", { name: "Done" }).click();
  await modal(page).waitFor({ state: "detached" });

  await actAs(page, "Lee");
  await openChannel(page, "bridge-approvals");
  await cardSays(page, "Expose billing-api");
  await page.screenshot({ path: `${RESULTS}/card.png` });
  await pressButton(page, "Approve");
  await cardSays(page, "Open until");
  expect(await visit(page, HOST, "stranger")).toBe("stopped by Access");
  expect(await visit(page, HOST, "me")).toBe("reached the service");
  await cardSays(page, "lee@lakeside.example");
  const answered = page.waitForResponse((response) => response.url().endsWith("/edge/visit"));
  await messages(page).last().getByRole("link", { name: HOST }).click();
  expect(await (await answered).json()).toMatchObject({ verdict: "reached the service" });
  expect(page.context().pages()).toHaveLength(1);
  await page.screenshot({ path: `${PICTURES}/sandbox.png` });

  await forwardTime(page, 5);
  await cardSays(page, "Closed");
  expect(await visit(page, HOST, "me")).not.toBe("reached the service");
  // It takes a moment until resolvers have heard that the record is gone.
  await expect.poll(() => visit(page, HOST, "me"), { timeout: 15_000 }).toBe("no such host");
  expect(sandbox.cloudflare.firstHole(HOST)).toBeNull();
});

test("a lead closes by the button, after being asked", async () => {
  const page = await browser.page();
  await page.goto(sandbox.url);
  await runCommand(page, "/expose grafana");
  await modal(page, "Expose a Service").getByRole("textbox", { name: "Hostname" }).waitFor();
  await chooseOption(page, "Who may pass", "All employees");
  await fill(page, "Reason", "Dashboards for the demo");
  await submitModal(page);
  await modal(page, "Request Sent").getByRole("button", { name: "Done" }).click();
  await modal(page).waitFor({ state: "detached" });

  await actAs(page, "Mina");
  await openChannel(page, "bridge-approvals");
  await cardSays(page, "Expose grafana");
  await pressButton(page, "Approve");
  await cardSays(page, "Open until");
  await pressButton(page, "Close");
  await confirm(page, "Close");
  await cardSays(page, "Closed");
});

async function cardSays(page: Page, text: string): Promise<void> {
  await messages(page).last().getByText(text).first().waitFor();
}
