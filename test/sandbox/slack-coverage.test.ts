// The coverage table names exactly what the emulator registers and sends, and tests that use it.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { slackCoverage } from "../../sandbox/slack/coverage.ts";
import { SENT_EVENTS, SENT_FRAMES, SENT_INTERACTIONS, SENT_NOTICES } from "../../sandbox/slack/payloads.ts";
import { startBench } from "./slack-bench.ts";

test("the table lists every method, frame, payload and event, and nothing else", async () => {
  const { slack } = await startBench();
  const sent = [...SENT_FRAMES, ...SENT_EVENTS, ...SENT_NOTICES, ...SENT_INTERACTIONS];
  const emulated = [...slack.methods, ...sent, "response_url"];
  expect(slackCoverage.map((row) => row.endpoint).sort()).toEqual(emulated.sort());
});

test.each(slackCoverage)("$endpoint is documented by Slack and used in $test", async (row) => {
  expect(new URL(row.documentation).hostname).toBe("docs.slack.dev");
  const source = await readFile(row.test, "utf8");
  expect(source).toContain(row.endpoint);
});
