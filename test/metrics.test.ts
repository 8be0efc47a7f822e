// What `/metrics` says follows the store: nothing stays after it ended.
import { expect, test } from "vitest";
import { SEVERITIES } from "../src/domain/diagnosis/facts.ts";
import { createMetrics } from "../src/metrics.ts";
import type { Figures } from "../src/store/figures.ts";
import { SLACK } from "./slack-figures.ts";

const NOTHING = {
  figures: { exposures: [], incidents: [], oldestDue: { converge: 0, end: 0, message: 0 } },
  tunnels: [],
  slack: SLACK,
  callsLeft: null,
};

test.each(SEVERITIES)(
  "an incident of severity %s counts while it is open, and no longer",
  async (severity) => {
    const metrics = createMetrics();
    const text = (incidents: Figures["incidents"]) => {
      return metrics.text({ ...NOTHING, figures: { ...NOTHING.figures, incidents } });
    };
    const line = (count: number) => `drawbridge_incidents_open{severity="${severity}"} ${count}\n`;
    expect(await text([{ severity, count: 2 }])).toContain(line(2));
    expect(await text([])).toContain(line(0));
  },
);

test("what Cloudflare's limit leaves is not told before Cloudflare has said so", async () => {
  const metrics = createMetrics();
  const told = async (callsLeft: number | null) =>
    /^drawbridge_cloudflare_calls_left (\d+)$/m.exec(await metrics.text({ ...NOTHING, callsLeft }))?.[1];
  expect(await told(null)).toBeUndefined();
  expect(await told(1199)).toBe("1199");
});

test("each outcome of a visit is there before the first one, so that the first stranger is an increase", async () => {
  const metrics = createMetrics();
  const reached = async () =>
    /^drawbridge_api_calls_total\{vendor="edge",operation="visit",outcome="reached"\} (\d)$/m.exec(
      await metrics.text(NOTHING),
    )?.[1];
  expect(await reached()).toBe("0");
  metrics.call({ vendor: "edge", operation: "visit", outcome: "reached", ms: 20 });
  expect(await reached()).toBe("1");
});

test("what has been counted since the start is a counter, and not added up at each scrape", async () => {
  const metrics = createMetrics();
  const acks = { ...SLACK.acks, unanswered: 3, lost: 2 };
  const snapshot = { ...NOTHING, slack: { ...SLACK, acks } };
  await metrics.text(snapshot);
  const text = await metrics.text(snapshot);
  expect(text).toContain("# TYPE drawbridge_slack_unanswered counter\ndrawbridge_slack_unanswered 3\n");
  expect(text).toContain("# TYPE drawbridge_slack_answers_lost counter\ndrawbridge_slack_answers_lost 2\n");
});
