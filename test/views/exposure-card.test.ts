import { describe, expect, it } from "vitest";
import type { CloseReason, Exposure } from "../../src/domain/exposure.ts";
import { type CardContext, exposureCard } from "../../src/views/exposure-card.ts";
import { parsedText, things, wordsOf } from "./reading.ts";
import { context, exposure, extension, later, noon, PHASES, service, vote } from "./samples.ts";

function firstLine(of: Exposure): string {
  return wordsOf({ blocks: exposureCard(of, context()).blocks.slice(0, 1) });
}

function read(of: Exposure, change: Partial<CardContext> = {}): string {
  return wordsOf(exposureCard(of, context(change)));
}

describe("the first line", () => {
  it.each([
    ["pending", "Expose billing-api at billing.example.com to Data team for 8 h"],
    ["approved", "Approved: billing-api at billing.example.com to Data team for 8 h"],
    ["opening", "Opening: billing-api at billing.example.com to Data team for 8 h"],
    ["open", "Open: billing-api at billing.example.com to Data team for 8 h"],
    ["closing", "Closing: billing-api at billing.example.com to Data team for 8 h"],
    ["closed", "Closed: billing-api at billing.example.com to Data team for 8 h"],
    ["denied", "Denied: billing-api at billing.example.com to Data team for 8 h"],
    ["withdrawn", "Withdrawn: billing-api at billing.example.com to Data team for 8 h"],
    ["lapsed", "Lapsed: billing-api at billing.example.com to Data team for 8 h"],
  ] as const)("of a card that is %s", (phase, line) => {
    expect(firstLine(exposure(phase))).toBe(line);
  });

  it("says until closed where no time is set", () => {
    expect(firstLine(exposure("open", { untilClosed: true, minutes: 43_200 }))).toMatch(
      / to Data team until closed$/,
    );
  });

  it("names the shorter time once that was approved", () => {
    expect(firstLine(exposure("approved", { approvedMinutes: 120, openedAt: null }))).toMatch(/ for 2 h$/);
  });

  it("counts what was added while it was open", () => {
    const opened = { approvedMinutes: 120, openedAt: later(5), endsAt: later(5 + 180) };
    expect(firstLine(exposure("open", opened))).toMatch(/ for 3 h$/);
  });

  it("says that it could not be opened rather than that it closed", () => {
    const line = (because: CloseReason, openedAt: Date | null) =>
      firstLine(exposure("closed", { closing: { because, by: null, detail: null, at: noon }, openedAt }));
    expect(line("cannot-open", null)).toMatch(/^Could not open: /);
    expect(line("ended", null)).toMatch(/^Could not open: /);
    expect(line("ended", noon)).toMatch(/^Closed: /);
  });

  it("keeps hostname and time whole when names are long", () => {
    const name = "n".repeat(300);
    const audience = { ...exposure().audience, name: "a".repeat(300) };
    const hostname = `${"h".repeat(51)}.example.com`;
    const line = firstLine(exposure("pending", { service: service({ name }), audience, hostname }));
    expect(line.length).toBeLessThanOrEqual(150);
    expect(line).toContain(` at ${hostname} to `);
    expect(line).toMatch(/… for 8 h$/);
  });
});

describe("what approvers read", () => {
  const card = read(exposure("pending"), { names: { "group-1": "Contractors", "idp-1": "Okta" } });

  it.each([
    [
      "the approvers and the lapse",
      `Waiting for approval by <!subteam^S0LEADS>. It lapses <!date^${later(480).getTime() / 1000}^`,
    ],
    ["the requester", "Asked for by <@U0ASHA>"],
    ["the reason", "Month-end close"],
    [
      "the audience",
      "Data team: everyone with an email at example.com, Access group Contractors, Okta group finance, asha@example.com, kim@example.com",
    ],
    ["the log-in", "A log-in lasts 8 h at the most, with Okta only"],
    [
      "the DNS record",
      "DNS record: billing.example.com to 6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com",
    ],
    ["the route", "billing.example.com to https://billing-api-abc123-an.a.run.app"],
    ["the Host header", "Host header: billing-api-abc123-an.a.run.app"],
    ["the ingress", "Ingress: internal"],
    ["the invoker check", "Invoker IAM check: off"],
    ["the service's full name", "acme-prod/asia-northeast1/billing-api"],
  ])("%s", (_what, text) => {
    expect(card).toContain(text);
  });

  it("who approved so far, where more than one has to", () => {
    const votes = [vote("U0LEE", { minutes: 120 })];
    expect(read(exposure("pending", { approvalsNeeded: 2, votes }))).toContain(
      "Waiting for 2 approvals by <!subteam^S0LEADS>. 1 of 2 approvals so far: <@U0LEE> (for 2 h).",
    );
  });

  it("names everybody who approved", () => {
    const seven = Array.from({ length: 7 }, (_, index) => vote(`U0LEAD${index}`));
    expect(read(exposure("pending", { approvalsNeeded: 8, votes: seven }))).toContain("<@U0LEAD6>.");
    const approved = exposure("approved", { approvalsNeeded: 7, votes: seven });
    expect(read(approved)).toMatch(/^.*Approved by <@U0LEAD0> and .* and <@U0LEAD6> /);
  });

  it.each([
    ["pending", {}, "What an approval does"],
    ["approved", {}, "What was approved"],
    ["opening", {}, "What was approved"],
    ["open", { extension: extension() }, "What stays open"],
  ] as const)("heads the plan of one that is %s with what it is then", (phase, change, heading) => {
    const shown = read(exposure(phase, change));
    const headings = ["What an approval does", "What was approved", "What stays open"];
    expect(headings.filter((each) => shown.includes(each))).toEqual([heading]);
  });

  it("does not count votes of an earlier round", () => {
    const votes = [vote("U0LEE")];
    expect(read(exposure("pending", { approvalsNeeded: 2, votes, round: 2 }))).toContain(
      "0 of 2 approvals so far.",
    );
  });

  it("loudly when the service is public already", () => {
    const shown = exposureCard(
      exposure("pending", { service: service({ ingress: "all", invoker: "everyone" }) }),
      context(),
    );
    const headings = shown.blocks.filter((block) => block.type === "header").map((block) => block.text.text);
    expect(headings).toContain("Warning: this service is public");
    expect(wordsOf(shown)).toContain(
      "anybody on the internet reaches it at https://billing-api-abc123-an.a.run.app",
    );
  });

  it.each([
    [{ ingress: "internal", invoker: "everyone" }],
    [{ ingress: "all", invoker: "signed-only" }],
    [{ ingress: "all", invoker: "iap" }],
    [{ ingress: "all", invoker: "unknown" }],
    [{ ingress: "all", invoker: "check-off", defaultUrlDisabled: true }],
  ] as const)("not so loudly for %o", (change) => {
    expect(read(exposure("pending", { service: service(change) }))).not.toContain("is public");
  });

  it.each([
    ["signed-only", "The invoker IAM check is on, and cloudflared cannot sign requests"],
    ["iap", "Identity-Aware Proxy stands before it"],
  ] as const)("of what keeps everybody out: %s", (invoker, words) => {
    expect(read(exposure("pending", { service: service({ invoker }) }))).toContain(`Warning: ${words}`);
  });

  it("that there is more of an audience than fits", () => {
    const emails = Array.from({ length: 200 }, (_, index) => `person-${index}@example.com`);
    const many = exposure("pending", { audience: { ...exposure().audience, emails } });
    expect(read(many)).toMatch(/ and 17\d more/);
    expect(read(many)).not.toContain("listed in the thread");
    expect(read(many, { audienceInThread: true })).toMatch(
      / and 17\d more, all of them listed in the thread/,
    );
  });
});

describe("the address", () => {
  it("is a link on an open card, and on no other", () => {
    const linked = PHASES.filter((phase) =>
      things(exposureCard(exposure(phase), context()).blocks).some((thing) => thing.type === "link"),
    );
    expect(linked).toEqual(["open"]);
  });
});

describe("an open card", () => {
  it("says until when in the reader's own time, and who approved", () => {
    const [status] = parsedText(exposureCard(exposure("open"), context()));
    const end = later(487).getTime() / 1000;
    expect(status).toContain(`Open until <!date^${end}^{date_short_pretty} {time}|2026-11-23 20:07 UTC>.`);
    expect(status).toContain("Approved by <@U0LEE>");
  });

  it("names those who decided, not those whose votes became void", () => {
    const votes = [vote("U0VOID", { at: later(1) }), vote("U0LEE", { round: 2 })];
    const shown = read(exposure("open", { votes, round: 2 }));
    expect(shown).toContain("Approved by <@U0LEE> <!date^");
    expect(shown).not.toContain("U0VOID");
  });

  it("says what a review means", () => {
    expect(read(exposure("open", { untilClosed: true }))).toContain(
      "Open until somebody closes it. It is reviewed ",
    );
  });

  it("says so when its time is up", () => {
    expect(read(exposure("open"), { now: later(487) })).toContain(
      "Its time is up. Closing begins in a moment.",
    );
  });

  it("tells an approver's shorter time from what was asked", () => {
    expect(read(exposure("open", { approvedMinutes: 120 }))).toContain("for 2 h instead of 8 h");
  });

  const kim = { applicationId: "app-1", email: "kim@example.com", at: noon };
  const [first, from, now] = [noon, later(20), later(30)].map((each) => `{${each.getTime() / 1000}}`);
  it.each([
    [{ last: [] }, `: nobody until ${now}`],
    [{ last: [], from: later(20) }, `: nobody from ${from} until ${now} ; the log was not read further back`],
    [{ last: [kim] }, ` until ${now} kim@example.com ${first}`],
    [{ last: [kim], from: later(20) }, ` until ${now} ; some before ${from} may be missing kim@example.com`],
    [{ last: [kim], read: false }, ` kim@example.com ${first}`],
  ])("shows the log-ins %o, and for which time it knows of them", (logins, text) => {
    const known = { read: true, from: null, ...logins };
    expect(read(exposure("open"), { logins: known, now: later(30) })).toContain(`Access log-ins${text}`);
  });

  it("says nothing of log-ins that cannot be read", () => {
    expect(read(exposure("open"), { logins: null })).not.toContain("log-ins");
  });

  it("shows the wish for more time: by whom, why, until when", () => {
    const shown = read(exposure("open", { extension: extension(), round: 2 }));
    expect(shown).toContain("*More time asked for:* 2 h more, by <@U0ASHA>.");
    expect(shown).toContain(`It would then end <!date^${later(607).getTime() / 1000}^`);
    expect(shown).toContain("Not finished");
    expect(shown).toContain("Approved by <@U0LEE>");
    expect(shown).toContain(`Unanswered, it lapses <!date^${later(120).getTime() / 1000}^`);
    const last = read(exposure("open", { extension: extension({ lapsesAt: later(487) }), round: 2 }));
    expect(last).toContain(`Unanswered, it closes <!date^${later(487).getTime() / 1000}^`);
  });
});
