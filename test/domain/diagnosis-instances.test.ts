// Which instances of one worker pool restart over and over, and which only take one another's place.
import { expect, test } from "vitest";
import { diagnose } from "../../src/domain/diagnosis/diagnose.ts";
import { allUp, asExport, BEGIN, boot, type Line, quicDial, readLog, stop } from "./diagnosis-scripts.ts";

type Life = { instance: string; from: number; to?: number };
type Kind = (life: Life) => Line[];

const SERVING: Kind = ({ instance, from, to }) => [
  ...boot(from, "http2", `connector-${instance}-${from}`),
  ...allUp(from + 1),
  ...(to === undefined ? [] : stop(to)),
];
const UNREADY: Kind = ({ instance, from, to }) => [
  ...boot(from, "quic", `connector-${instance}-${from}`, "auto"),
  ...[6, 14, 24, 40].map((after) => quicDial(from + after)),
  ...(to === undefined ? [] : stop(to, [])),
];
const KILLED: Kind = ({ instance, from }) => UNREADY({ instance, from });

function causes(kind: Kind, lives: Life[], seconds?: number): string[] {
  const entries = lives.flatMap((life) => asExport(kind(life), life.instance));
  const ordered = entries.toSorted((a, b) => String(a.timestamp).localeCompare(String(b.timestamp)));
  const now = seconds === undefined ? {} : { now: new Date(BEGIN + seconds * 1000) };
  return diagnose(readLog(JSON.stringify(ordered)), now).map(({ cause }) => cause);
}

/** Each ends a minute after its start, and another starts four seconds later. */
function looping(offset: number, nameOf: (round: number) => string, rounds = 15): Life[] {
  return Array.from({ length: rounds }, (_, round) => {
    const from = offset + round * 64;
    return { instance: nameOf(round), from, to: from + 60 };
  });
}

const KINDS: [name: string, kind: Kind][] = [
  ["that serve", SERVING],
  ["that are never ready", UNREADY],
];

test.each(KINDS)("two instances %s, half a period apart", (_, kind) => {
  const renewed = [...looping(0, (round) => `a${round}`), ...looping(32, (round) => `b${round}`)];
  expect(causes(kind, renewed)).toEqual(["liveness-loop"]);
  const restarted = [...looping(0, () => "a"), ...looping(32, () => "b")];
  expect(causes(kind, restarted)).toEqual(["liveness-loop"]);
});

test.each(KINDS)("instances %s, in step, at odds and many", (_, kind) => {
  for (const offsets of [
    [0, 0],
    [0, 2],
    [0, 58],
    [0, 62],
    [0, 20, 40],
    [0, 5, 10, 15, 20, 25, 30, 35, 40, 45],
  ]) {
    const lives = offsets.flatMap((offset, each) => looping(offset, (round) => `${each}-${round}`));
    expect(causes(kind, lives), offsets.join()).toEqual(["liveness-loop"]);
  }
});

test("two instances that are killed without a word", () => {
  const lives = [0, 50].flatMap((offset) =>
    [0, 1, 2, 3].map((round) => ({ instance: `${offset}-${round}`, from: offset + round * 100 })),
  );
  expect(causes(KILLED, lives)).toEqual(["liveness-loop"]);
});

test("one that loops beside one that stands", () => {
  expect(causes(SERVING, [...looping(0, (round) => `a${round}`), { instance: "b", from: 30 }])).toEqual([
    "liveness-loop",
  ]);
});

/** Four instances of each revision; the old ones are stopped once all the new ones have started. */
function rolledOut(revisions: number, everySeconds: number, stopsAfter: number): Life[] {
  return Array.from({ length: revisions }, (_, revision) =>
    [0, 1, 2, 3].map((each) => ({
      instance: `r${revision}-${each}`,
      from: revision * everySeconds + each,
      ...(revision < revisions - 1 ? { to: (revision + 1) * everySeconds + stopsAfter } : {}),
    })),
  ).flat();
}

test.each([1, 2, 3, 5, 6])("%i revisions, one after the other, are no loop", (revisions) => {
  expect(causes(SERVING, rolledOut(revisions, 100, 10))).toEqual([]);
  expect(causes(UNREADY, rolledOut(revisions, 100, 10))).toEqual(["quic-blocked"]);
});

test("revisions of one instance that are never ready are no loop", () => {
  const lives = [0, 110, 220, 330, 440].map((from, at) => ({
    instance: `r${at}`,
    from,
    ...(from < 440 ? { to: from + 120 } : {}),
  }));
  expect(causes(UNREADY, lives)).toEqual(["quic-blocked"]);
});

test("all stopped first and all started anew are no loop", () => {
  expect(causes(SERVING, rolledOut(2, 100, -5))).toEqual([]);
  expect(causes(UNREADY, rolledOut(2, 100, -5))).toEqual(["quic-blocked"]);
});

test("more instances, and fewer again, are no loop", () => {
  const standing = [0, 1].map((from) => ({ instance: `old${from}`, from }));
  const added = [400, 401, 402, 403].map((from, at) => ({ instance: `new${at}`, from, to: 500 + at }));
  expect(causes(SERVING, [...standing, ...added])).toEqual([]);
  expect(causes(SERVING, [...standing, ...added.map(({ instance, from }) => ({ instance, from }))])).toEqual(
    [],
  );
});

test("a loop of two is over when a revision takes their place, and lasts", () => {
  const two = [...looping(0, (round) => `a${round}`, 6), ...looping(32, (round) => `b${round}`, 6)];
  const both = [
    { instance: "n0", from: 400 },
    { instance: "n1", from: 401 },
  ];
  expect(causes(SERVING, [...two, ...both], 410)).toEqual(["liveness-loop"]);
  expect(causes(SERVING, [...two, ...both], 600)).toEqual([]);
  expect(causes(SERVING, [...two, { instance: "n0", from: 378 }], 600)).toEqual([]);
});
