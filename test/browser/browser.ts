// A headless Chromium from the npm package, for tests that click through the sandbox's page.
import { type Browser, chromium, type Page } from "playwright-core";

export type TestBrowser = { page(): Promise<Page>; close(): Promise<void> };

// Not the package's own flags: with --single-process the browser ends when its first page is closed.
const FLAGS = [
  "--no-sandbox",
  "--no-zygote",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export async function openBrowser(): Promise<TestBrowser> {
  const browser = await launch();
  return {
    async page() {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
      page.setDefaultTimeout(15_000);
      return page;
    },
    close: () => browser.close(),
  };
}

async function launch(): Promise<Browser> {
  const { default: packaged } = await import("@sparticuz/chromium");
  packaged.setGraphicsMode = false;
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? (await packaged.executablePath()),
    args: FLAGS,
    headless: true,
  });
}
