// The sandbox's page without the bot: what one person does, everybody sees at once.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import {
  actAs,
  breakTunnel,
  forwardTime,
  mendTunnel,
  messages,
  openChannel,
  pressButton,
  runCommand,
  say,
  toast,
  unread,
  visit,
} from "./sandbox-page.ts";

const STATUS = "status.lakeside.example";
let sandbox: Sandbox;
let browser: TestBrowser;
const faults: string[] = [];

beforeAll(async () => {
  [sandbox, browser] = await Promise.all([startSandbox({ bot: false }), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await sandbox.stop();
});

async function newPage(): Promise<Page> {
  const page = await browser.page();
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(sandbox.url) && !request.url().startsWith("data:"))
      faults.push(request.url());
  });
  await page.goto(`${sandbox.url}/`);
  return page;
}

test("what Asha writes, Lee sees in another window at once", async () => {
  const [asha, lee] = [await newPage(), await newPage()];
  await openChannel(asha, "general");
  await actAs(lee, "Lee");
  await openChannel(lee, "bridge-approvals");
  await say(asha, "Is *anybody* there? 1 < 2");

  await expect.poll(() => unread(lee, "general")).toBe(1);
  await openChannel(lee, "general");
  const message = messages(lee).last();
  expect(await message.locator("b", { hasText: "anybody" }).isVisible()).toBe(true);
  expect(await message.textContent()).toContain("Asha Rao");
  expect(await message.textContent()).toContain("1 < 2");
  expect(await unread(lee, "general")).toBe(0);

  await say(lee, "Yes");
  await expect.poll(() => messages(asha).last().textContent()).toContain("Yes");
  await Promise.all([asha.close(), lee.close()]);
});

test("a reply stays in its thread", async () => {
  const page = await newPage();
  await openChannel(page, "random");
  await say(page, "A question");
  await messages(page).last().hover();
  await pressButton(page, "Reply in thread");
  const thread = page.getByRole("complementary", { name: "Thread" });
  await thread.getByRole("textbox").fill("An answer");
  await thread.getByRole("textbox").press("Enter");
  await thread.getByText("An answer").waitFor();
  await page.getByRole("main").getByRole("button", { name: "1 reply" }).waitFor();
  expect(await messages(page).count()).toBe(1);
  await page.close();
});

test("a command that nobody answers is reported in Slack's words", async () => {
  const page = await newPage();
  await runCommand(page, "/expose billing-api");
  await expect
    .poll(() => toast(page).last().textContent())
    .toContain("/expose failed with the error “dispatch_failed”");
  await runCommand(page, "/nonsense");
  await expect.poll(() => toast(page).last().textContent()).toContain("“/nonsense” is not a valid command");
  await page.close();
});

/** cloudflared keeps the visitor's Host, which Cloud Run does not know, unless the route names another. */
function giveStatusPageItsHost(): void {
  const [tunnel] = sandbox.seed.cloudflare.tunnels;
  const { config } = sandbox.cloudflare.tunnelConfig(tunnel?.id ?? "");
  const [rule, ...others] = config.ingress as { service: string }[];
  const originRequest = { httpHostHeader: rule?.service.replace("https://", "") };
  sandbox.cloudflare.putConfig(tunnel?.id ?? "", { ingress: [{ ...rule, originRequest }, ...others] });
}

test("a stranger is stopped, an employee gets through, and nobody when the tunnel is broken", async () => {
  const page = await newPage();
  expect(await visit(page, STATUS, "stranger")).toBe("stopped by Access");
  giveStatusPageItsHost();
  await expect.poll(() => visit(page, STATUS, "me")).toBe("reached the service");
  expect(await visit(page, "nowhere.lakeside.example", "stranger")).toBe("no such host");
  await breakTunnel(page);
  expect(await visit(page, STATUS, "me")).toBe("tunnel down");
  await mendTunnel(page);
  await page.close();
});

test("time goes forward for everything in the sandbox", async () => {
  const page = await newPage();
  const before = sandbox.shared.clock.offsetMs();
  await forwardTime(page, 8);
  expect(sandbox.shared.clock.offsetMs() - before).toBe(8 * 3_600_000);
  await page.getByText("8 h ahead of the real time").waitFor();
  await page.close();
});

test.each(["99999", "0", "-3", "soon", ""])(
  "%o hours forward are answered in words, and time stands",
  async (hours) => {
    const page = await newPage();
    const before = sandbox.shared.clock.offsetMs();
    const city = page.getByRole("complementary", { name: "City" });
    await city.getByRole("textbox", { name: "Hours" }).fill(hours);
    await city.getByRole("button", { name: "Forward hours" }).click();
    await expect
      .poll(() => toast(page).allTextContents())
      .toEqual([
        expect.stringContaining("Time only goes forward: type hours above 0, 9600 (400 days) at the most."),
      ]);
    expect(sandbox.shared.clock.offsetMs()).toBe(before);
    await page.close();
  },
);

test("the page asks for nothing outside of the sandbox and throws nothing", () => {
  expect(faults).toEqual([]);
});
