// The page's tunnel: a newcomer presses Block QUIC, reads the alert with its remedy as Lee, presses Heal and sees it over.
import { mkdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { actAs, messages, openChannel } from "./sandbox-page.ts";

const PICTURES = process.env.UPDATE_SCREENSHOTS === "1" ? "docs/images" : "test-results";
let sandbox: Sandbox;
let browser: TestBrowser;

beforeAll(async () => {
  [sandbox, browser] = await Promise.all([
    startSandbox({ bot: true, cloudflared: true }),
    openBrowser(),
    mkdir(PICTURES, { recursive: true }),
  ]);
  await sandbox.bot?.ready(60_000);
});

afterAll(async () => {
  await browser?.close();
  await sandbox?.stop();
});

test("Block QUIC, the alert with its remedy, Heal", async () => {
  const page = await browser.page();
  page.setDefaultTimeout(45_000);
  await page.goto(sandbox.url);
  await actAs(page, "Lee");
  await openChannel(page, "bridge-alerts");
  const city = page.getByRole("complementary", { name: "City" });
  const standing = city.getByRole("status", { name: "Tunnel" });
  await standing.getByText("healthy, 8 of 8 up").waitFor();

  await city.getByRole("button", { name: "Block QUIC", exact: true }).click();
  await standing.getByText("down, 0 of 8 up").waitFor();
  await messages(page).getByText("TUNNEL_TRANSPORT_PROTOCOL=http2").first().waitFor();
  await page.screenshot({ path: `${PICTURES}/alert.png` });

  await city.getByRole("button", { name: "Heal", exact: true }).click();
  await standing.getByText("healthy, 8 of 8 up").waitFor();
  await messages(page).getByText("Over: ").first().waitFor();
  expect(await city.getByRole("button", { name: "Heal" }).count()).toBe(0);
});
