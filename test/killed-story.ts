// The three parts of an exposure's life, as people live them while the bot may be killed: whoever got no answer looks at
// the card again and repeats what they did; whoever was answered does nothing more.
import { expect } from "vitest";
import { inputs } from "../src/views/ids.ts";
import { unaccounted } from "./at-kill.ts";
import { ALL_STANDING, isClosed, isOpen, NOTHING_STANDING, standing } from "./exposing.ts";
import { endOf, messagesOf, SAID_CLOSED, SAID_OPEN, toldOf } from "./extending.ts";
import type { Kill } from "./kills.ts";
import type { Person } from "./people.ts";
import { APPROVALS, buttonsOf, textOf, type World } from "./world.ts";

export type Part = "opening" | "extension" | "closing";
export const PARTS: readonly Part[] = ["opening", "extension", "closing"];

export type Life = {
  world: World;
  service: string;
  host: string;
  /** Those that this life was meant to meet so far. */
  kills: Kill[];
};

/** Lives through one part, and waits until it has ended right: at most 60 s from the kill. */
export async function live(life: Life, part: Part, kill: Kill): Promise<void> {
  const { world, host } = life;
  const before = part === "opening" ? 0 : endOf(world, host);
  await DEEDS[part](life, kill);
  await kill.back();
  let waited = false;
  const ended = () => {
    // A write that the killed bot had under way: half a minute long the gate stands on for it.
    if (!waited && world.cardText(host).includes("may still arrive")) {
      waited = true;
      world.sandbox.shared.clock.forward(31_000);
    }
    return ENDED[part](life, before) && toldOf(world, host, LAST_WORDS[part]).length > 0;
  };
  await world.until(`${part} of ${host} ends right`, ended, 60).catch((error: Error) => {
    throw new Error([error.message, ...storyOf(life)].join("\n"));
  });
}

const DEEDS: Record<Part, (life: Life, kill: Kill) => Promise<void>> = {
  opening: async (life, kill) => {
    const { world, host } = life;
    await persist(
      world,
      kill,
      () => world.card(host) !== null,
      () => asks(life, kill),
    );
    await world.until(`the card of ${host} is posted`, () => world.card(host), 60);
    const decided = () => !buttonsOf(world.card(host)).includes("Approve");
    await persist(world, kill, decided, () => presses(world.lee, "Approve", life));
  },
  extension: async (life, kill) => {
    const { world, host } = life;
    const end = endOf(world, host);
    const asked = () => world.cardText(host).includes("More time asked for") || endOf(world, host) > end;
    await persist(world, kill, asked, () => extends_(life, kill));
    await world.until(`the card of ${host} asks for more time`, asked, 60);
    const decided = () => !buttonsOf(world.card(host)).includes("Approve");
    await persist(world, kill, decided, () => presses(world.lee, "Approve", life));
  },
  closing: async (life, kill) => {
    const { world, host } = life;
    const decided = () => !buttonsOf(world.card(host)).includes("Close");
    await persist(world, kill, decided, () => presses(world.asha, "Close", life));
  },
};

/** `act` answers whether Slack got an ack. If so, it is never repeated: what was acked must not be lost. */
async function persist(
  world: World,
  kill: Kill,
  isDone: () => boolean,
  act: () => Promise<boolean>,
): Promise<void> {
  for (let attempt = 0; attempt < 8; attempt++) {
    if (await act()) return;
    await kill.back();
    // Long enough for a card that is being redrawn; a click that comes too early is answered, and harmless.
    const done = await world.until("it was done after all", isDone, 2).catch(() => false);
    if (done) return;
  }
  throw new Error("whatever was done, nobody answered");
}

async function presses(person: Person, button: string, { world, host }: Life): Promise<boolean> {
  const card = world.card(host);
  if (!buttonsOf(card).includes(button)) return false;
  return (await person.presses(button, card)).outcome === "acked";
}

async function asks(life: Life, kill: Kill): Promise<boolean> {
  const { asha } = life.world;
  await asha.closesForms();
  if ((await asha.runs(life.service)).outcome !== "acked") return false;
  return await sends(life, kill, {
    [inputs.hostname]: life.host.split(".")[0] ?? "",
    [inputs.audience]: ["employees"],
    [inputs.duration]: "60",
    [inputs.reason]: "Month-end closing",
  });
}

async function extends_(life: Life, kill: Kill): Promise<boolean> {
  const { asha } = life.world;
  await asha.closesForms();
  if (!(await presses(asha, "Extend", life))) return false;
  return await sends(life, kill, { [inputs.duration]: "240", [inputs.reason]: "The auditors stay" });
}

/** Waits for the form that was opened, and sends it; a form that a killed bot left half filled is given up. */
async function sends(
  { world }: Life,
  kill: Kill,
  values: Record<string, string | string[]>,
): Promise<boolean> {
  const { asha, sandbox } = world;
  const lost = kill.struck();
  const filled = () => Boolean(sandbox.slack.modals(asha.id).at(-1)?.view.submit);
  await world
    .until("the form is filled", () => filled() || (kill.struck() && !lost))
    .catch((error: Error) => {
      // Struck while the form was being opened: nobody is left to fill it.
      if (!kill.struck()) throw error;
    });
  if (!filled()) return false;
  return await asha.submits(values).then(
    () => true,
    () => false,
  );
}

const ENDED: Record<Part, (life: Life, endBefore: number) => boolean> = {
  opening: ({ world, host }) => isOpen(world, host),
  extension: ({ world, host }, before) => endOf(world, host) === before + 240 * 60,
  closing: ({ world, host }) => isClosed(world, host),
};

const LAST_WORDS: Record<Part, string> = {
  opening: SAID_OPEN,
  extension: "It stays open for longer: it ends <!date",
  closing: SAID_CLOSED,
};

/** Each is said once, but for those that a kill accounts for. */
const MESSAGES: Record<Part, string[]> = {
  opening: ["Approved by", LAST_WORDS.opening],
  extension: [LAST_WORDS.extension],
  closing: [LAST_WORDS.closing],
};

export async function expectRight(life: Life, part: Part): Promise<void> {
  await judge(life, part).catch((error: Error) => {
    throw new Error([error.message, ...storyOf(life)].join("\n"));
  });
}

/** What a reader needs to see why: the card, what was said, to one person alone too, and all that happened at the hostname. */
function storyOf({ world, host }: Life): string[] {
  const alone = [world.asha, world.lee].flatMap((person) => person.ephemerals(APPROVALS));
  const said = [...toldOf(world, host, ""), ...alone.map((text) => `to them alone: ${text}`)];
  const happened = world.sandbox.cloudflare.history(host).map(({ at, what }) => `${at} ${what}`);
  return [world.cardText(host), ...said, ...happened];
}

async function judge({ world, host, kills }: Life, part: Part): Promise<void> {
  const { cloudflare, slack } = world.sandbox;
  expect(standing(world, host)).toEqual(part === "closing" ? NOTHING_STANDING : ALL_STANDING);
  expect(cloudflare.firstHole(host)).toBeNull();
  const happened = cloudflare.history(host).map(({ what }) => what);
  for (const once of ["access application created", "dns record created", "route added"])
    expect([once, happened.filter((what) => what === once).length]).toEqual([once, 1]);
  if (part !== "closing") {
    expect((await cloudflare.visit(host)).verdict).toBe("stopped by Access");
    const employee = await cloudflare.visit(host, { email: "tom@lakeside.example" });
    expect(employee.verdict).toBe("reached the service");
  }
  const cards = slack.messages(APPROVALS).filter((each) => !each.threadTs && textOf(each).includes(host));
  const found = kills.flatMap((kill) => kill.found() ?? []);
  const said = MESSAGES[part].map((words) => [words, messagesOf(world, host, words)] as const);
  for (const [what, same] of [["the card", cards] as const, ...said]) {
    const stamps = same.map(({ ts }) => ts);
    expect(stamps, what).not.toEqual([]);
    expect(await unaccounted(stamps, found), `posted at ${stamps}: ${what}`).toEqual([]);
  }
}
