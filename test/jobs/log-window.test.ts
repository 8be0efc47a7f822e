// What is remembered of a log when its lines are a quarter of an hour old.
import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import type { LogFact } from "../../src/domain/diagnosis/facts.ts";
import { factsOf } from "../../src/domain/signals.ts";
import { healthOf } from "../../src/domain/tunnel-state.ts";
import { createLogWindow } from "../../src/jobs/log-window.ts";
import { ago, line, lost, NONE, NOW, registered, started, up } from "../domain/signal-samples.ts";

const MINUTE = 60;
const WATCHED = {
  id: "t1",
  connectors: { metrics: [], others: false, workerPool: { project: "p", region: "r", name: "cloudflared" } },
};

const NO_HEADER = '{"ingress":[{"service":"https://billing-uc.a.run.app"},{"service":"http_status:404"}]}';

const accepted = (configVersion: number, minutes: number, stream = "one", config = "{}") =>
  line("Updated to new configuration", minutes * MINUTE, { stream, configVersion, config });
const refused = (configVersion: number, minutes: number, stream = "one") =>
  line("Failed to deserialize new configuration", minutes * MINUTE, {
    stream,
    configVersion,
    level: "error",
    error: "json: cannot unmarshal",
  });
const sigterm = (minutes: number, stream = "one") =>
  line("Initiating graceful shutdown due to signal terminated ...", minutes * MINUTE, { stream });

/** Read as they come, some at a time, and by now all but a quarter of an hour is forgotten. */
function windowOf(facts: LogFact[], instances: number | null = null) {
  const window = createLogWindow([WATCHED]);
  for (let at = 0; at < facts.length; at += 50) window.take("p", facts.slice(at, at + 50), NOW);
  window.forgetBefore(ago(15 * MINUTE), () => instances);
  return window;
}

function causes(facts: LogFact[], instances: number | null = null): string[] {
  const log = windowOf(facts, instances).of(WATCHED);
  const all = factsOf("t1", { ...NONE, log }, null);
  return diagnose(all, { now: NOW }).map(({ cause }) => cause);
}

describe("what a living process printed once", () => {
  const BAD = [...up(20 * MINUTE), refused(13, 18)];

  it("holds until it prints something else", () => {
    expect(causes(BAD)).toEqual(["bad-config"]);
    expect(causes([...up(20 * MINUTE), accepted(13, 18, "one", NO_HEADER)])).toEqual(["origin-host"]);
    expect(causes([...BAD, accepted(14, 17)])).toEqual([]);
    expect(causes([...BAD, accepted(14, 1)])).toEqual([]);
    const few = line("You requested 4 HA connections but I can give you at most 2.", 20 * MINUTE);
    expect(causes([...started(20 * MINUTE), few, ...[0, 1].map((at) => registered(at, 1199))])).toEqual([
      "few-addresses",
    ]);
  });

  it("of its configuration is the one in force and the one that was refused after it", () => {
    const before = accepted(12, 19, "one", NO_HEADER);
    expect(causes([...up(20 * MINUTE), before, refused(13, 18)]).toSorted()).toEqual([
      "bad-config",
      "origin-host",
    ]);
  });

  it("is told with who it is, and that it works", () => {
    const log = windowOf(BAD).of(WATCHED);
    const [found] = diagnose(factsOf("t1", { ...NONE, log }, null), { now: NOW });
    expect(found).toMatchObject({ cause: "bad-config", connector: "c1", since: ago(18 * MINUTE) });
  });

  it("holds also where its own beginning was never read", () => {
    expect(causes([refused(13, 18)])).toEqual(["bad-config"]);
  });

  it("holds beside any number of newer lines, and no more than that are remembered", () => {
    const busy = Array.from({ length: 3_000 }, (_, at) =>
      line("", 14 * MINUTE - at / 10, { level: "error", error: "EOF", originService: "https://a.run.app" }),
    );
    const window = windowOf([...BAD, ...busy]);
    const { standing, facts } = window.of(WATCHED)!;
    expect(facts).toHaveLength(1_000);
    expect(standing.map(({ message }) => message)).toContain("Failed to deserialize new configuration");
    const others = Array.from({ length: 400 }, (_, at) => up(20 * MINUTE, `s${at}`, `c${at}`)).flat();
    const many = windowOf(others).of(WATCHED)!;
    expect(many.standing.length + many.facts.length).toBeLessThanOrEqual(2_000);
  });
});

describe("what is forgotten", () => {
  it("are signs that repeat", () => {
    const fault = { level: "error", error: "EOF", originService: "https://a.run.app" } as const;
    expect(causes([...up(20 * MINUTE), ...[18, 17, 16].map((at) => line("", at * MINUTE, fault))])).toEqual(
      [],
    );
    const drops = [18, 17, 16].flatMap((at) => [lost(1, at * MINUTE), registered(1, at * MINUTE - 5)]);
    expect(causes([...up(20 * MINUTE), ...drops])).toEqual([]);
  });

  it.each([
    ["stopped long ago", [sigterm(17)]],
    ["stopped just now", [sigterm(1)]],
    ["ended", [line("Initiating shutdown", 17 * MINUTE, { error: "no free edge addresses left" })]],
    ["was replaced in its place", up(2 * MINUTE, "one", "c2")],
  ])("is all of a process that %s", (_, end) => {
    expect(causes([...up(20 * MINUTE), refused(13, 18), ...end])).toEqual([]);
  });

  it("is one that lost a connection and says nothing of it, and one that never had any", () => {
    expect(causes([...up(20 * MINUTE), refused(13, 18), lost(2, 17 * MINUTE)])).toEqual([]);
    expect(causes([...started(20 * MINUTE), refused(13, 18)])).toEqual([]);
    const trying = line("Retrying connection in up to 1m4s", MINUTE, { connIndex: 2 });
    expect(causes([...up(20 * MINUTE), refused(13, 18), lost(2, 17 * MINUTE), trying])).toContain(
      "bad-config",
    );
  });

  it("is one that did not hear of a configuration that others have had for so long", () => {
    const killed = [...up(30 * MINUTE), refused(13, 28)];
    const next = up(25 * MINUTE, "two", "c2");
    expect(causes([...killed, ...next, accepted(14, 16, "two")])).toEqual([]);
    expect(causes([...killed, ...next, accepted(14, 14, "two")])).toEqual(["bad-config"]);
    // The same version again is no push: it is what each process gets at its start.
    expect(causes([...killed, ...next, accepted(13, 16, "two")])).toEqual(["bad-config"]);
  });

  it("are the longest silent where more seem to live than there are", () => {
    const killed = [...up(30 * MINUTE), refused(13, 28)];
    const others = [...up(27 * MINUTE, "two", "c2"), ...up(20 * MINUTE, "three", "c3")];
    expect(causes([...killed, ...others], 3)).toEqual(["bad-config"]);
    expect(causes([...killed, ...others], 2)).toEqual([]);
    expect(causes([...killed, ...others], null)).toEqual(["bad-config"]);
    // A line without a meaning is a sign of life all the same.
    const alive = line("update check failed", 16 * MINUTE, { level: "error" });
    expect(causes([...killed, ...others, alive], 2)).toEqual(["bad-config"]);
    // One that only tries is none of them.
    const trying = [
      ...started(5 * MINUTE, "four", "c4"),
      line("Retrying connection in up to 4s", 4 * MINUTE, { stream: "four", connIndex: 0 }),
    ];
    expect(causes([...killed, ...others, ...trying], 3)).toContain("bad-config");
  });

  it("is one that has been silent for a day", () => {
    const day = 24 * 60;
    const long = [...up((day + 20) * MINUTE), refused(13, day + 18)];
    expect(causes(long)).toEqual([]);
    const noise = line("update check failed", (day + 10) * MINUTE, { level: "error" });
    expect(causes([...long, noise])).toEqual(["bad-config"]);
  });
});

it("whether a tunnel is up is told by the lines of the last quarter of an hour alone", () => {
  const [killed, next] = [up(20 * MINUTE), up(14 * MINUTE, "two", "c2")];
  const down = [0, 1, 2, 3].map((index) => lost(index, MINUTE, "two"));
  const log = windowOf([...killed, ...next, ...down]).of(WATCHED);
  expect(healthOf({ tunnelId: "t1", name: "t1" }, { ...NONE, log }, null, NOW)).toMatchObject({
    state: "down",
    connectors: [{ id: "c2" }],
  });
});
