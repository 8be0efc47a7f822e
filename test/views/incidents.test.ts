// What people read of an incident: its message, the replies in its thread, the direct messages.
import { describe, expect, it } from "vitest";
import { CAUSES } from "../../src/domain/diagnosis/facts.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { IncidentNoticeKind } from "../../src/domain/incident-notices.ts";
import { incidentCard } from "../../src/views/incident-card.ts";
import { evidenceMessage, incidentNotice } from "../../src/views/incident-notices.ts";
import { incidentTitle } from "../../src/views/incident-words.ts";
import { ended, extremeIncident, incident, incidentContext, member } from "./incident-samples.ts";
import { buttonsOf, wordsOf } from "./reading.ts";
import { later, POISON } from "./samples.ts";
import { faultsOfMessage } from "./slack-limits.ts";

const KINDS: IncidentNoticeKind[] = [
  "again",
  "worse",
  "on-call",
  "cause",
  "acknowledged",
  "muted",
  "mute-over",
  "recovered",
  "unreachable",
  "reachable",
];

const SAID = { hostnames: ["billing.lakeside.example"], onCall: "S0ONCALL", runbookUrl: null };

function words(shown: Incident, change = {}): string {
  return wordsOf(incidentCard(shown, incidentContext(change)));
}

describe("the title", () => {
  it.each<[Partial<Incident>, string]>([
    [{}, "Tunnel cloud-run is down"],
    [{ members: [member({ down: false })] }, "Tunnel cloud-run is degraded"],
    [{ members: [member(), member({ tunnelId: "t2" })] }, "2 tunnels are down"],
    [
      { members: [member({ down: false })], cause: "h2-flap" },
      "Tunnel cloud-run is losing connections again and again",
    ],
    [
      { members: [member({ down: false })], cause: "liveness-loop" },
      "Tunnel cloud-run is restarting over and over",
    ],
    [
      { slot: "origin-dns", cause: "origin-dns", members: [member({ down: false })] },
      "Tunnel cloud-run is up, but a service behind it does not answer",
    ],
  ])("of %j", (change, title) => {
    expect(incidentTitle(incident(change))).toBe(title);
  });

  it("is in the past once it is over", () => {
    expect(incidentTitle(ended())).toBe("Over: tunnel cloud-run was down");
  });
});

describe("the cause of what is over", () => {
  it("is told as what was, in the message, to who reads no blocks, and with the evidence", () => {
    const was = "Cause while it lasted: TCP port 7844 to Cloudflare is blocked.";
    const { text } = incidentCard(ended(), incidentContext());
    expect(text.split("\n")[0]).toBe(`Over: tunnel cloud-run was down. ${was}`);
    expect(words(ended())).toContain(was);
    expect(wordsOf(evidenceMessage(ended()))).toContain(was);
    expect(incidentCard(incident(), incidentContext()).text).not.toContain("while it lasted");
  });
});

describe("the message", () => {
  it("says what, since when, whom it affects, why, and what to do", () => {
    const said = words(incident());
    for (const part of [
      "Tunnel cloud-run is down",
      "Nobody gets through at the moment.",
      "On call: <!subteam^S0ONCALL>.",
      "billing.lakeside.example",
      "TCP port 7844 to Cloudflare is blocked",
      "i/o timeout",
      "Route only private ranges through the VPC.",
      "docs/runbook/tcp-7844-blocked.md",
    ])
      expect(said).toContain(part);
    expect(said.split("docs/runbook")).toHaveLength(2);
    expect(buttonsOf(incidentCard(incident(), incidentContext()))).toEqual([
      "Acknowledge",
      "Mute 1 h",
      "Show Evidence",
    ]);
  });

  it("shows a command of the remedy as one, without its backticks", () => {
    const remedy = "Set TUNNEL_X=1 (flag: `tunnel run --x`): it does not get through.";
    const { blocks } = incidentCard(incident({ remedy }), incidentContext());
    const shown = JSON.stringify(blocks);
    expect(shown).toContain('{"type":"text","text":"tunnel run --x","style":{"code":true}}');
    expect(shown).toContain("): it does not get through.");
    expect(shown).not.toContain("`");
  });

  it("links the page of the runbook where the policy says where it is", () => {
    const runbookUrl = "https://wiki.example/runbook/";
    const { blocks } = incidentCard(incident(), incidentContext({ runbookUrl }));
    expect(JSON.stringify(blocks)).toContain('"url":"https://wiki.example/runbook/tcp-7844-blocked.md"');
  });

  it("offers only what can still be done", () => {
    const context = incidentContext();
    const seen = incident({
      acknowledged: { by: "U0LEE", at: later(2) },
      muted: { by: "U0MINA", until: later(60) },
    });
    expect(buttonsOf(incidentCard(seen, context))).toEqual(["Show Evidence"]);
    expect(words(seen)).toMatch(/<@U0LEE> acknowledged it .* Muted by <@U0MINA> until/);
    expect(buttonsOf(incidentCard(seen, incidentContext({ now: later(61) })))).toEqual([
      "Mute 1 h",
      "Show Evidence",
    ]);
    expect(buttonsOf(incidentCard(ended(), context))).toEqual(["Show Evidence"]);
  });

  it("names nobody on call where nothing serious began", () => {
    expect(words(incident({ onCall: null }))).not.toContain("subteam");
    expect(words(incident(), { onCall: null })).not.toContain("On call");
  });

  it("says that it is good again, and in the end how long it took", () => {
    const good = incident({ members: [member({ down: false, goodSince: later(4) })] });
    expect(words(good)).toContain("It is good again just now. This ends when it stays so.");
    expect(words(ended({ rounds: 2 }))).toMatch(
      /It ended .* after 12 min\. It came back once\. Nothing is left to do here\./,
    );
    expect(words(ended())).not.toContain("What to do");
  });
});

describe("direct messages", () => {
  it("say what cannot be reached and what happens next", () => {
    const down = wordsOf(incidentNotice("unreachable", incident(), SAID));
    expect(down).toContain("billing.lakeside.example");
    expect(down).toMatch(/This has been out of reach since .*: the tunnel that leads there is down\./);
    const both = wordsOf(
      incidentNotice("unreachable", incident(), { ...SAID, hostnames: ["a.example", "b.example"] }),
    );
    expect(both).toContain("These have been out of reach since");
    const hostnames = ["a.example", "b.example", "c.example", "d.example", "e.example"];
    const five = incidentNotice("unreachable", incident(), { ...SAID, hostnames });
    expect(five.text).toMatch(/^a\.example, b\.example, c\.example and 2 more: These have been/);
    expect(wordsOf(incidentNotice("recovered", ended(), SAID))).toContain(
      " good again. The trouble lasted 12 min.",
    );
    expect(down).toContain("You get a message when it is up again; there is nothing for you to do.");
    const up = wordsOf(incidentNotice("reachable", ended(), SAID));
    expect(up).toContain("This is behind a tunnel that is up again. It was away for 12 min.");
  });
});

describe.each([POISON, '"', "\n", "\\", "👩‍👩‍👧‍👦", "\u202eשלום ", "\u0007a\u0000", "\u200b", "<!channel> "])(
  "filled with %j",
  (filler) => {
    it("Slack takes everything, and parses nothing of it", () => {
      const messages = (["open", "ended"] as const).flatMap((phase) => {
        const shown = extremeIncident(filler, phase);
        const hostnames = Array.from({ length: 40 }, () => filler.repeat(50).slice(0, 253));
        const notices = KINDS.map((kind) => incidentNotice(kind, shown, { ...SAID, hostnames }));
        return [incidentCard(shown, incidentContext()), evidenceMessage(shown), ...notices];
      });
      for (const message of messages) {
        expect(faultsOfMessage(message)).toEqual([]);
        expect(JSON.stringify(message.blocks.filter(({ type }) => type === "section"))).not.toMatch(
          /POISON|!channel/,
        );
        expect(message.text).not.toMatch(/<!channel|<@U0EVIL|<https:\/\/evil/);
      }
    });
  },
);

it("every cause has words, and Slack takes each message", () => {
  for (const cause of CAUSES)
    for (const shown of [incident({ cause }), ended({ cause, slot: "origin-dns" })])
      expect(faultsOfMessage(incidentCard(shown, incidentContext()))).toEqual([]);
});
