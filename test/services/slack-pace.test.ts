// Posting takes turns per channel.
import { describe, expect, it } from "vitest";
import { createPace } from "../../src/services/slack-pace.ts";

function pace() {
  let clock = 0;
  const slept: number[] = [];
  const sleep = async (ms: number) => void slept.push(ms);
  const made = createPace({ burst: 3, everyMs: 1000, longestWaitMs: 5000, now: () => clock, sleep });
  return { ...made, slept, forward: (ms: number) => (clock += ms) };
}

describe("createPace", () => {
  it("lets a short burst through, then one each second, per channel", async () => {
    const { turn, slept } = pace();
    for (let each = 0; each < 5; each += 1) await turn("C1", "chat.postMessage");
    await turn("C2", "chat.postMessage");
    expect(slept).toEqual([1000, 2000]);
  });

  it("earns the burst back in a quiet while", async () => {
    const { turn, slept, forward } = pace();
    for (let each = 0; each < 3; each += 1) await turn("C1", "chat.postMessage");
    forward(3000);
    for (let each = 0; each < 3; each += 1) await turn("C1", "chat.postMessage");
    expect(slept).toEqual([]);
  });

  it("says when to come back rather than wait too long", async () => {
    const { turn, slept } = pace();
    for (let each = 0; each < 8; each += 1) await turn("C1", "chat.postMessage");
    const refused = turn("C1", "chat.postMessage");
    await expect(refused).rejects.toMatchObject({
      kind: "retry",
      retryAfterMs: 6000,
      operation: "chat.postMessage",
    });
    expect(slept).toEqual([1000, 2000, 3000, 4000, 5000]);
  });

  it("holds a channel as long as Slack says", async () => {
    const { turn, hold, slept } = pace();
    hold("C1", 4000);
    await turn("C1", "chat.postMessage");
    await turn("C2", "chat.postMessage");
    expect(slept).toEqual([4000]);
  });
});
