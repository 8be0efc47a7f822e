// What /expose status says of tunnels, and the picture of their last seven days.
import { describe, expect, it } from "vitest";
import type { StateChange } from "../../src/domain/availability.ts";
import type { ConnectorHealth, TunnelState } from "../../src/domain/tunnel-health.ts";
import { type OverviewFacts, tunnelOverviews, WEEK_MS } from "../../src/domain/tunnel-overview.ts";
import { drawPng } from "../../src/services/picture.ts";
import { tunnelStatus } from "../../src/views/tunnel-status.ts";
import { percent, timelineSvg } from "../../src/views/tunnel-timeline.ts";
import { parsedText, wordsOf } from "./reading.ts";
import { POISON } from "./samples.ts";
import { faultsOfMessage } from "./slack-limits.ts";

const NOW = new Date("2030-01-08T12:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const WEEK_AGO = new Date(NOW.getTime() - WEEK_MS);

const connector = (more: Partial<ConnectorHealth> = {}): ConnectorHealth => ({
  id: "c0ffee",
  version: "2026.8.3",
  protocol: "http2",
  configVersion: 4,
  startedAt: hoursAgo(30),
  colos: ["nrt08", "nrt08", "kix01", "kix01"],
  ours: true,
  ...more,
});

type Given = {
  id: string;
  name?: string;
  state: TunnelState;
  changes: [hoursAgo: number, state: TunnelState][];
  connectors?: ConnectorHealth[];
  lookedHoursAgo?: number;
};

function factsOf(given: Given[], more: Partial<OverviewFacts> = {}): OverviewFacts {
  return {
    tunnelIds: given.map(({ id }) => id),
    latest: given.map((each) => ({
      tunnelId: each.id,
      name: each.name ?? each.id,
      state: each.state,
      since: hoursAgo(each.changes.at(-1)?.[0] ?? 0),
      seenAt: NOW,
      connectors: each.connectors ?? [connector(), connector({ id: "beef" })],
      lookedAt: hoursAgo(each.lookedHoursAgo ?? 0),
    })),
    histories: given.map((each) => ({
      tunnelId: each.id,
      lookedAt: hoursAgo(each.lookedHoursAgo ?? 0),
      blindAfterMs: 120_000,
      changes: each.changes.map(([hours, state]): StateChange => ({ state, at: hoursAgo(hours) })),
    })),
    incidents: [],
    ...more,
  };
}

const shown = (facts: OverviewFacts, picture = false) =>
  tunnelStatus(tunnelOverviews(facts, NOW), { picture });

describe("the status", () => {
  it("tells of a tunnel that is up what it runs on and how available it was", () => {
    const facts = factsOf([{ id: "cloud-run", state: "up", changes: [[200, "up"]] }]);
    expect(wordsOf(shown(facts))).toMatch(
      /The tunnel is up\..*cloud-run.*Up since.*2 connectors, 8 connections, http2, kix01 nrt08, version 2026\.8\.3 Available in 24 h: 100 %; in 7 days: 100 %/,
    );
  });

  it("does not take one that nobody has seen for one that is not there", () => {
    const unseen = shown(
      factsOf([{ id: "cloud-run", state: "unknown", connectors: [], changes: [[48, "unknown"]] }]),
    );
    expect(unseen.text).toMatch(/^Whether the tunnel is up is not known just now\./);
  });

  it("tells an outage, and time that nobody saw, apart", () => {
    const facts = factsOf([
      {
        id: "cloud-run",
        state: "down",
        connectors: [],
        changes: [
          [48, "up"],
          [30, "unknown"],
          [28, "up"],
          [6, "down"],
        ],
      },
    ]);
    const text = wordsOf(shown(facts));
    expect(text).toContain("The tunnel is down.");
    expect(text).toContain("No connector is running.");
    expect(text).toContain("Available in 24 h: 75.00 %; in 7 days: 86.95 % of the 1 day 22 h watched");
  });

  it("shows those with trouble first, and counts", () => {
    const facts = factsOf([
      { id: "a", state: "up", changes: [[1, "up"]] },
      { id: "b", state: "down", changes: [[1, "down"]] },
      { id: "c", state: "degraded", changes: [[1, "degraded"]] },
    ]);
    expect(tunnelOverviews(facts, NOW).map(({ name }) => name)).toEqual(["b", "c", "a"]);
    expect(shown(facts).text).toMatch(/^Of 3 tunnels: 1 down, 1 degraded, 1 up\.$/m);
  });

  it("does not call up what nobody has looked at lately", () => {
    const facts = factsOf([
      { id: "cloud-run", state: "up", changes: [[200, "up"]], lookedHoursAgo: 1, connectors: [connector()] },
    ]);
    const text = wordsOf(shown(facts));
    expect(text).toMatch(/Not known, last seen .* No signal answers just now\./);
    expect(text).not.toContain("http2");
  });

  it("teaches what to do about a tunnel that was never seen", () => {
    const text = wordsOf(shown({ tunnelIds: ["3d539f97"], latest: [], histories: [], incidents: [] }));
    expect(text).toContain("3d539f97 Not known");
    expect(text).toContain("Available in 24 h: not known; in 7 days: not known");
    expect(text).toContain("/expose doctor");
  });

  it("names a connector that runs elsewhere", () => {
    const connectors = [connector(), connector({ id: "x", ours: false, protocol: "quic" })];
    const facts = factsOf([{ id: "t", state: "up", changes: [[1, "up"]], connectors }]);
    expect(wordsOf(shown(facts))).toContain("2 connectors (1 not of ours), 8 connections, http2 quic");
  });

  it("tells the last incident, and whether it is over", () => {
    const incident = {
      tunnelId: "t",
      cause: "QUIC is blocked",
      openedAt: hoursAgo(3),
      closedAt: hoursAgo(2),
    };
    const given: Given[] = [{ id: "t", state: "up", changes: [[1, "up"]] }];
    const older = { ...incident, openedAt: hoursAgo(30), cause: "older" };
    expect(wordsOf(shown(factsOf(given, { incidents: [older, incident] })))).toMatch(
      /Last incident: QUIC is blocked, \{\d+\}, for 1 h/,
    );
    const open = { ...incident, closedAt: null };
    expect(wordsOf(shown(factsOf(given, { incidents: [open] })))).toContain(", still open");
  });

  it("says where the picture is, only where there is one", () => {
    const facts = factsOf([{ id: "t", state: "up", changes: [[1, "up"]] }]);
    expect(wordsOf(shown(facts, true))).toContain("are in your messages with Drawbridge");
    expect(wordsOf(shown(facts))).not.toContain("picture");
  });

  it.each([[POISON], ["\u202e"], [""], ["\\\"'<>&"]])(
    "is taken by Slack with 60 tunnels named %j",
    (name) => {
      const given = Array.from({ length: 60 }, (_, index): Given => {
        const connectors = Array.from({ length: 25 }, () =>
          connector({ version: name.repeat(9), colos: Array.from({ length: 4 }, (_, colo) => name + colo) }),
        );
        return { id: `t${index}`, name: name.repeat(9), state: "up", changes: [[index, "up"]], connectors };
      });
      const message = shown(factsOf(given), true);
      expect(faultsOfMessage(message)).toEqual([]);
      expect(parsedText(message).join()).not.toContain("POISON");
      expect(wordsOf(message)).toContain("more, none of them worse than these.");
    },
  );
});

describe("percent", () => {
  it.each([
    [1, "100 %"],
    [0.99999, "99.99 %"],
    [0.9, "90.00 %"],
    [0, "0.00 %"],
    [null, "not known"],
  ])("never rounds %s up", (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe("the picture", () => {
  const many = Array.from({ length: 40 }, (_, index): Given => {
    const changes: Given["changes"] = [
      [300, "up"],
      [100 - index, "down"],
      [99.99 - index, "up"],
    ];
    return { id: `t${index}`, name: `東京 <b>"&${index} ${"long ".repeat(9)}`, state: "up", changes };
  });
  const svg = timelineSvg(tunnelOverviews(factsOf(many), NOW), WEEK_AGO, NOW);

  it("holds printable ASCII only, no number that is none, and nothing that is not escaped", () => {
    expect(svg).toMatch(/^[\n\x20-\x7e]*$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<b>/);
    expect(svg).toContain("and 20 more");
  });

  it("shows an outage of half a minute", () => {
    expect(svg.match(/fill="#d23f3f"/g)?.length).toBeGreaterThanOrEqual(20);
  });

  it("draws a PNG in which letters are drawn too", async () => {
    const png = await drawPng(svg);
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const mute = await drawPng(svg.replace(/<text.*?<\/text>/g, ""));
    expect(png.length).toBeGreaterThan(mute.length + 2000);
  });
});
