// A signal is read at its turn, whatever became of the last reading.
import { pino } from "pino";
import { expect, it } from "vitest";
import { paced, restFor } from "../../src/jobs/pace.ts";
import { ServiceFailure } from "../../src/services/failure.ts";

const log = pino({ level: "silent" });
const at = (ms: number) => new Date(ms);

it("a look that comes a little early misses no turn, and one in between takes none", async () => {
  const readAt: number[] = [];
  const signal = paced("ready", restFor(2, 1_000), async (now) => void readAt.push(now.getTime()), log);
  for (const ms of [0, 950, 1_900, 2_950, 3_800]) await signal.turn(at(ms));
  expect(readAt).toEqual([0, 1_900, 3_800]);
});

it("a reading that hangs is not begun again, and the next turn waits for it", async () => {
  const hanging = Promise.withResolvers<void>();
  let begun = 0;
  const signal = paced(
    "ready",
    10,
    () => {
      begun += 1;
      return hanging.promise;
    },
    log,
  );
  void signal.turn(at(0));
  const second = signal.turn(at(1_000));
  expect(begun).toBe(1);
  hanging.resolve();
  await second;
  await signal.turn(at(2_000));
  expect(begun).toBe(2);
});

it("a reading that fails is tried again at its next turn", async () => {
  let begun = 0;
  const signal = paced(
    "ready",
    10,
    async () => {
      begun += 1;
      throw new Error("no answer");
    },
    log,
  );
  await signal.turn(at(0));
  await signal.turn(at(20));
  expect(begun).toBe(2);
});

it("a row of failures is told once, and a fault of our own for what it is", async () => {
  const theirs = new ServiceFailure({ kind: "retry", vendor: "google", operation: "log", message: "No." });
  const away = new Error("Connection terminated unexpectedly");
  const faults: (Error | null)[] = [theirs, away, new TypeError("ours"), new TypeError("ours"), null, theirs];
  const told: number[] = [];
  const listening = pino(
    { level: "info" },
    { write: (line: string) => void told.push(JSON.parse(line).level) },
  );
  const read = async () => {
    const fault = faults.shift();
    if (fault) throw fault;
  };
  const signal = paced("ready", 10, read, listening);
  for (let turn = 0; turn < 6; turn++) await signal.turn(at(turn * 20));
  const { warn, error } = pino.levels.values;
  expect(told).toEqual([warn, error, warn]);
});
