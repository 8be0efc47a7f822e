// What a screen reader reads: of a message with blocks that is its text alone, so all that is to be read stands there too.
import { describe, expect, it } from "vitest";
import { audienceDetails } from "../../src/views/audience-details.ts";
import { doctorMessage } from "../../src/views/doctor-message.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { exposureList } from "../../src/views/exposure-list.ts";
import { help } from "../../src/views/help.ts";
import { incidentCard } from "../../src/views/incident-card.ts";
import { evidenceMessage, incidentNotice } from "../../src/views/incident-notices.ts";
import type { SlackMessage } from "../../src/views/parts.ts";
import { spoken } from "../../src/views/spoken.ts";
import { incident, incidentContext } from "./incident-samples.ts";
import { context, exposure, extension, extreme, extremeContext, later, PHASES } from "./samples.ts";

it.each<[string, SlackMessage, string[]]>([
  [
    "the card of a request",
    exposureCard(exposure("pending"), context()),
    ["asha@example.com", "Okta group finance", "Invoker IAM check: off", "Time: 8 h, counted"],
  ],
  [
    "the card of a wish for more time",
    exposureCard(exposure("open", { extension: extension() }), context()),
    ["https://billing.example.com", "2 h more, by <@U0ASHA>."],
  ],
  [
    "the list",
    exposureList([exposure("open"), exposure("pending")], { mine: true, now: later(10) }),
    [
      "https://billing.example.com",
      "Open, ends <!date^",
      "Waiting for approval, lapses <!date^",
      "<@U0ASHA>",
    ],
  ],
  ["help", help(), ["/expose close &lt;host&gt; closes"]],
  [
    "the doctor",
    doctorMessage([
      { check: "clock", subject: null, outcome: "fail", evidence: "Off by 90 s.", remedy: "Set it." },
    ] as never),
    ["Failed clock: Off by 90 s. Set it."],
  ],
  [
    "an incident",
    incidentCard(incident(), incidentContext()),
    ["billing.lakeside.example, asked for by <@U0ASHA>", "What to do: Route only private ranges"],
  ],
  [
    "the cause of an incident",
    incidentNotice("cause", incident(), { hostnames: [], onCall: null, runbookUrl: null }),
    ["The cause is known now.", "What to do: Route only private ranges"],
  ],
  ["evidence", evidenceMessage(incident()), ["dial tcp 198.41.192.57:7844: i/o timeout"]],
])("%s", (_, { text }, parts) => {
  for (const part of parts) expect(text).toContain(part);
});

it("an audience that is too long for the card is read whole", () => {
  const emails = Array.from({ length: 60 }, (_, index) => `person-${index}@example.com`);
  const long = exposure("pending", { audience: { ...exposure().audience, emails } });
  const read = audienceDetails(long)
    .map(({ text }) => text)
    .join("\n");
  for (const email of emails) expect(read).toContain(email);
});

it("what people wrote is not put where Slack parses", () => {
  const { text } = exposureCard(exposure("pending", { reason: "*Approved*" }), context());
  expect(text).not.toContain("Approved");
});

describe("a text that would be too long", () => {
  it("is cut between lines, so that no mention and no date is broken", () => {
    for (const phase of PHASES) {
      const { text } = exposureCard(extreme(phase), extremeContext());
      expect(text.length).toBeLessThanOrEqual(4_000);
      expect(text.replace(/<[@!][^<>]+>/g, "")).not.toMatch(/[<>]/);
    }
  });

  it("says that there is more", () => {
    const long = { type: "section", text: { type: "mrkdwn", text: "a ".repeat(1400) } } as const;
    expect(spoken("Point.", [long]).text).toMatch(/^Point\.\na /);
    expect(spoken("Point.", [long, long]).text).toMatch(/ a\n…$/);
  });
});
