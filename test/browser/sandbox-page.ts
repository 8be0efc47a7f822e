// The sandbox's page as a person uses it: every step by role and name, so that a story reads like a story.
import type { Locator, Page } from "playwright-core";

/** Becomes somebody, by first name: `actAs(page, "Lee")`. */
export async function actAs(page: Page, firstName: string): Promise<void> {
  const switcher = page.getByRole("button", { name: /^You are / });
  if ((await switcher.getAttribute("aria-label")) === `You are ${firstName}`) return;
  await switcher.click();
  await page.getByRole("menuitemradio", { name: new RegExp(`^${escaped(firstName)} `) }).click();
  await page.getByRole("button", { name: `You are ${firstName}`, exact: true }).waitFor();
}

/** Opens a channel by name; `Drawbridge` opens the app's messages. */
export async function openChannel(page: Page, name: string): Promise<void> {
  if (name === "Drawbridge") return openMessages(page);
  await sidebarEntry(page, name).click();
  await page.getByRole("main", { name: `#${name}`, exact: true }).waitFor();
}

/** Types a line in the channel in sight and sends it: plain text, or a slash command. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole("main").getByRole("textbox", { name: /^Message / });
  await field.fill(text);
  await field.press("Enter");
}

/** `runCommand(page, "/expose billing-api")`. */
export function runCommand(page: Page, line: string): Promise<void> {
  return say(page, line);
}

/** The global shortcut at the top left. */
export async function useShortcut(page: Page, name = "Expose a service"): Promise<void> {
  await page.getByRole("navigation", { name: "Slack" }).getByRole("button", { name, exact: true }).click();
}

/** The modal on top; wait for it with `modal(page, "Expose a Service").waitFor()`. */
export function modal(page: Page, title?: string): Locator {
  return page.getByRole("dialog", { name: title, exact: true });
}

/** Chooses in a select, radio group or checkbox group. A select that searches is typed into first. */
export async function chooseOption(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole("combobox", { name: labelled(label) }).last();
  const group = page
    .getByRole("radiogroup", { name: label })
    .or(page.getByRole("group", { name: label }))
    .last();
  await field.or(group).first().waitFor();
  if (await field.isVisible()) {
    await field.click();
    await field.fill(text);
    await page.getByRole("option", { name: text }).first().click();
    return;
  }
  await group.getByLabel(text).check();
}

/** Writes into a text field of a modal. */
export async function fill(page: Page, label: string, text: string): Promise<void> {
  await page
    .getByRole("dialog")
    .getByRole("textbox", { name: labelled(label) })
    .fill(text);
}

/** Presses the modal's submit button, whatever it is called. */
export async function submitModal(page: Page): Promise<void> {
  await page.getByRole("dialog").locator("button[type=submit]").click();
}

/** Presses a button by its text or its accessibility label: in the modal if there is one, else the newest one in the
 *  channel or on the Home tab. */
export async function pressButton(page: Page, name: string): Promise<void> {
  const open = await page.getByRole("dialog").isVisible();
  const where = open ? page.getByRole("dialog") : page.getByRole("main");
  const written = where.getByRole("button").filter({ hasText: new RegExp(`^${escaped(name)}( ↗)?$`) });
  await where.getByRole("button", { name, exact: true }).or(written).last().click();
}

/** Answers a confirm dialog. */
export async function confirm(page: Page, name: string): Promise<void> {
  await page.locator("dialog[open]").getByRole("button", { name, exact: true }).click();
}

/** Messages in the channel in sight, oldest first. */
export function messages(page: Page): Locator {
  return page
    .getByRole("log")
    .getByRole("article")
    .filter({ has: page.locator(".message-main") });
}

export async function forwardTime(page: Page, hours: number): Promise<void> {
  const city = await cityOf(page);
  await city.getByRole("textbox", { name: "Hours" }).fill(String(hours));
  const done = page.waitForResponse((response) => response.url().endsWith("/time"));
  await city.getByRole("button", { name: "Forward hours" }).click();
  await done;
}

/** Visits a hostname and answers the verdict in words, such as `stopped by Access`. */
export async function visit(page: Page, hostname: string, as: "stranger" | "me"): Promise<string> {
  const city = await cityOf(page);
  const stranger = city.getByRole("button", { name: `Visit ${hostname} as a stranger`, exact: true });
  if (!(await stranger.first().isVisible())) {
    await city.getByRole("textbox", { name: "Another hostname" }).fill(hostname);
  }
  const me = city.getByRole("button", { name: new RegExp(`^Visit ${escaped(hostname)} as (?!a stranger$)`) });
  const answered = page.waitForResponse((response) => response.url().endsWith("/edge/visit"));
  await (as === "stranger" ? stranger : me).first().click();
  const { verdict } = (await (await answered).json()) as { verdict: string };
  const shown = city.getByRole("region", { name: "Visit", exact: true });
  await shown.getByText(`https://${hostname}/`, { exact: true }).waitFor();
  await shown.getByRole("status", { name: "Verdict" }).getByText(verdict, { exact: true }).waitFor();
  return verdict;
}

/** Stops every connector of the first tunnel, until `mendTunnel`. */
export async function breakTunnel(page: Page): Promise<void> {
  const city = await cityOf(page);
  await city.getByRole("button", { name: "Break the tunnel" }).first().click();
  await city.getByRole("button", { name: "Mend the tunnel" }).first().waitFor();
}

export async function mendTunnel(page: Page): Promise<void> {
  const city = await cityOf(page);
  await city.getByRole("button", { name: "Mend the tunnel" }).first().click();
  await city.getByRole("button", { name: "Break the tunnel" }).first().waitFor();
}

/** How many unread messages the sidebar shows for a channel, or for the app. */
export async function unread(page: Page, name: string): Promise<number> {
  const label = await sidebarEntry(page, name).getAttribute("aria-label");
  return Number(/, (\d+) unread$/.exec(label ?? "")?.[1] ?? 0);
}

/** The notice about a click that failed. */
export function toast(page: Page): Locator {
  return page.getByRole("status", { name: "Notices" }).locator("p");
}

function sidebarEntry(page: Page, name: string): Locator {
  const sidebar = page.getByRole("navigation", { name: "Slack" });
  return sidebar.getByRole("button", { name: new RegExp(`^${escaped(name)}(, \\d+ unread)?$`) });
}

async function openMessages(page: Page): Promise<void> {
  await sidebarEntry(page, "Drawbridge").click();
  await page.getByRole("tab", { name: "Messages" }).click();
}

/** The city's panel; on a small screen an open thread covers it. */
async function cityOf(page: Page): Promise<Locator> {
  const city = page.getByRole("complementary", { name: "City" });
  const thread = page.getByRole("button", { name: "Close thread" });
  if (!(await city.isVisible()) && (await thread.isVisible())) await thread.click();
  return city;
}

/** A field's name as its label says it, “(optional)” included. */
function labelled(label: string): RegExp {
  return new RegExp(`^${escaped(label)}( \\(optional\\))?$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
