// What `/metrics` says follows the store: nothing stays after it ended.
import { expect, test } from "vitest";
import { SEVERITIES } from "../src/domain/diagnosis/facts.ts";
import { createMetrics } from "../src/metrics.ts";
import type { Figures } from "../src/store/figures.ts";
import { SLACK } from "./slack-figures.ts";

test.each(SEVERITIES)(
  "an incident of severity %s counts while it is open, and no longer",
  async (severity) => {
    const metrics = createMetrics();
    const text = (incidents: Figures["incidents"]) => {
      const figures = { exposures: [], incidents, oldestDue: { converge: 0, end: 0, message: 0 } };
      return metrics.text({ figures, tunnels: [], slack: SLACK, callsLeft: null });
    };
    const line = (count: number) => `drawbridge_incidents_open{severity="${severity}"} ${count}\n`;
    expect(await text([{ severity, count: 2 }])).toContain(line(2));
    expect(await text([])).toContain(line(0));
  },
);

test("what Cloudflare's limit leaves is not told before Cloudflare has said so", async () => {
  const metrics = createMetrics();
  const figures = { exposures: [], incidents: [], oldestDue: { converge: 0, end: 0, message: 0 } };
  const told = async (callsLeft: number | null) =>
    /^drawbridge_cloudflare_calls_left (\d+)$/m.exec(
      await metrics.text({ figures, tunnels: [], slack: SLACK, callsLeft }),
    )?.[1];
  expect(await told(null)).toBeUndefined();
  expect(await told(1199)).toBe("1199");
});
