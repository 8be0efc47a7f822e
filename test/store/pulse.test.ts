// The store's sign of life for the doctor: how long it takes to answer, which is not how long it takes to get in.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { feelPulse } from "../../src/store/pulse.ts";
import { emptyUrl } from "../engines.ts";

afterEach(() => void vi.useRealTimers());

/** A way to Postgres on which each connection takes this long to be made, by the clock that is read. */
async function slowToLetIn(to: string, ms: number): Promise<string> {
  const target = new URL(to);
  const server = createServer((near) => {
    vi.advanceTimersByTime(ms);
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = new URL(to);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return url.href;
}

test("the log-in, which the bot does once for each connection, is no part of the answer's time", async () => {
  const url = await emptyUrl();
  vi.useFakeTimers({ toFake: ["performance"] });
  const way = await slowToLetIn(url, 3_000);
  expect(await feelPulse({ url: way, dataDir: "" })).toEqual({ engine: "Postgres", ms: 0, held: false });
});
