// Envelopes as Slack sends them, spoilt at random: what a person could type, what a broken client could send, and what
// nobody would. The bot has to live through them and do nothing by half.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { ask, expose, untilClosed } from "./exposing.ts";
import type { World } from "./world.ts";

type Json = Record<string, unknown>;

/** Nothing of the bot's own says these. */
export const SHOUTS = ["<!channel>", "<!everyone>", "<https://evil.example|billing>"];

const TEXTS = [
  ...SHOUTS,
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202egnp.exe",
  "\u200b\u200b",
  "<@U0LEE> *b* `c`",
  "x".repeat(4_000),
  "billing.lakeside.example",
  "BILLING.LAKESIDE.EXAMPLE.",
  "b\u0456lling",
  "metadata.google.internal",
  "169.254.169.254",
  "localhost",
  "..",
  "../../etc/passwd",
  "'; drop table exposures; --",
  "%00%2e%2e",
  "__proto__",
  "constructor",
  "lakeside-prod/asia-northeast1/grafana",
  "close-all",
  "NaN",
  "-1",
  "1e9",
  "http://127.0.0.1:1/",
  "file:///etc/passwd",
];
const OTHERS = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [null],
  [[]],
  [{}],
  { value: null },
];

const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...TEXTS) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(...OTHERS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);
const change = fc.record({
  at: fc.nat(),
  what: fc.constantFrom("replace", "replace", "replace", "drop", "double"),
  value,
});
const spoiling = fc.record({ which: fc.nat(), changes: fc.array(change, { minLength: 1, maxLength: 3 }) });

/** The same ones for the same seed. */
export function spoiltEnvelopes(from: Json[], count: number, seed: number): Json[] {
  return fc.sample(spoiling, { numRuns: count, seed }).map(({ which, changes }) => {
    const envelope = structuredClone(from[which % from.length] ?? {});
    for (const each of changes) spoil(envelope, each);
    return { ...envelope, envelope_id: randomUUID() };
  });
}

function spoil(
  envelope: Json,
  { at, what, value: instead }: { at: number; what: string; value: unknown },
): void {
  const places = placesIn(envelope.payload, [envelope, "payload"]);
  const [holder, key] = places[at % places.length] ?? [envelope, "payload"];
  if (what === "drop") delete holder[key];
  else if (what === "double") holder[key] = [holder[key], structuredClone(holder[key])];
  else holder[key] = structuredClone(instead);
}

type Place = [holder: Json, key: string];

function placesIn(node: unknown, here: Place): Place[] {
  if (typeof node !== "object" || node === null) return [here];
  const holder = node as Json;
  return [here, ...Object.keys(holder).flatMap((key) => placesIn(holder[key], [holder, key]))];
}

/** One of every kind that this bot gets, recorded while people do what they do; and some of another app's. */
export async function recordEnvelopes(world: World): Promise<Json[]> {
  const { asha, lee, sandbox } = world;
  const { slack } = sandbox;
  const form = await asha.opensForm("");
  await slack.options(asha.id, form.id, "service", "expose.service", "gra");
  await slack.shortcut(asha.id, "expose_new");
  await slack.openHome(asha.id);
  await asha.runs("list");
  await asha.runs("close nothing.lakeside.example");
  await asha.closesForms();
  const closed = await ask(world, { service: "reports", duration: 240 });
  await lee.presses("Approve Shorter", world.card(closed));
  await lee.submits({ "form.duration": "60" });
  await world.until("it is open", () => world.cardText(closed).includes("Open until"));
  await asha.presses("Extend", world.card(closed));
  await asha.submits({ "form.duration": "60", "form.reason": "More" });
  await world.until("the new end is on the card", () => world.cardText(closed).includes("for 2 h"));
  await asha.presses("Close", world.card(closed));
  await untilClosed(world, closed);
  await asha.presses("Request Again", world.card(closed));
  await asha.modal();
  await asha.closesForms();
  const refused = await ask(world, { service: "returns" });
  await lee.presses("Deny", world.card(refused));
  await lee.submits({ "form.reason": "Not now" });
  const other = await ask(world, { service: "stock-viewer" });
  await asha.presses("Withdraw", world.card(other));
  await expose(world, { service: "recipe-editor" });
  const file = new URL("data/slack-envelopes.json", import.meta.url);
  return [
    ...slack.lastEnvelopes(),
    ...Object.values(JSON.parse(await readFile(file, "utf8")) as Json),
  ] as Json[];
}
