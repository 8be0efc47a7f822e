// The sandbox's time, as the bot follows it.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { openClock } from "../src/clock.ts";
import { quiet } from "./quiet.ts";

/** Tells the offset of the moment to whoever asks, and then every change, until a stream is cut off. */
async function startTime() {
  let offsetMs = 0;
  const streams = new Set<ServerResponse>();
  const tell = (stream: ServerResponse) => stream.write(`${JSON.stringify({ offsetMs })}\n`);
  const server = createServer((_, stream) => {
    streams.add(stream);
    stream.writeHead(200, { "content-type": "application/x-ndjson" });
    tell(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clock`,
    move(toMs: number) {
      offsetMs = toMs;
      streams.forEach(tell);
    },
    cutOff() {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    streams: () => streams.size,
  };
}

const HOUR = 3_600_000;

async function follow(url: string) {
  const clock = await openClock(url, quiet);
  onTestFinished(clock.close);
  let moves = 0;
  clock.onMove(() => {
    moves += 1;
  });
  const aheadHours = () => Math.round((clock.now().getTime() - Date.now()) / HOUR);
  return { clock, aheadHours, moves: () => moves };
}

test("time that is moved is followed at once", async () => {
  const time = await startTime();
  time.move(2 * HOUR);
  const bot = await follow(time.url);
  expect([bot.aheadHours(), bot.moves()]).toEqual([2, 0]);
  time.move(5 * HOUR);
  await vi.waitUntil(() => bot.aheadHours() === 5);
  expect(bot.moves()).toBe(1);
});

test("a stream that broke off is taken up again, and what was moved meanwhile is noticed", async () => {
  const time = await startTime();
  const bot = await follow(time.url);
  time.cutOff();
  time.move(8 * HOUR);
  await vi.waitUntil(() => bot.aheadHours() === 8, 10_000);
  expect(bot.moves()).toBe(1);

  time.cutOff();
  await vi.waitUntil(() => time.streams() === 1, 10_000);
  time.move(9 * HOUR);
  await vi.waitUntil(() => bot.aheadHours() === 9, 10_000);
  // To be told the same time again is no move.
  expect(bot.moves()).toBe(2);
});

test("a clock that is closed asks no more", async () => {
  const time = await startTime();
  const { clock } = await follow(time.url);
  clock.close();
  time.cutOff();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(time.streams()).toBe(0);
});
