// What stood in the moment of a kill: the messages that Slack had taken by then, and those of them that the store knew of.
// Slack has no way to post once only, so that one which it took and which was not noted yet is posted again, and no other.
import { cp, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { openAsItIs, type StoreLocation } from "../src/store/database.ts";
import { storeIn } from "../src/store/embedded-folder.ts";
import { APPROVALS, type World } from "./world.ts";

export type AtKill = {
  /** In the approvals' channel and with Asha, by their `ts`, which is never given twice. */
  taken: Set<string>;
  noted(): Promise<Set<string>>;
};

/** To be called while no bot runs. An embedded store is copied, and only read where somebody asks: that takes a second. */
export async function takeStock(world: World): Promise<AtKill> {
  const { databaseUrl, sandbox } = world;
  if (databaseUrl) {
    const noted = await notedIn({ url: databaseUrl, dataDir: "" });
    return { taken: takenBy(world), noted: async () => noted };
  }
  const copy = await mkdtemp(join(sandbox.dataDir, "at-kill-"));
  await cp(storeIn(sandbox.env.DATA_DIR ?? ""), storeIn(copy), { recursive: true });
  return { taken: takenBy(world), noted: () => notedIn({ dataDir: copy }) };
}

function takenBy({ sandbox, asha }: World): Set<string> {
  return new Set([...sandbox.slack.messages(APPROVALS), ...asha.directMessages()].map(({ ts }) => ts));
}

async function notedIn(where: StoreLocation): Promise<Set<string>> {
  const { db, close } = await openAsItIs(where);
  try {
    const { rows } = await sql<{ ts: string }>`
      select ts from messages where ts is not null
      union select body -> 'card' ->> 'ts' from exposures where body -> 'card' ->> 'ts' is not null`.execute(
      db,
    );
    return new Set(rows.map(({ ts }) => ts));
  } finally {
    await close();
  }
}

/** Of messages that say the same to the same people, in their order: those that no kill accounts for. */
export async function unaccounted(same: string[], kills: AtKill[]): Promise<string[]> {
  const strange: string[] = [];
  for (const [index, ts] of same.entries()) {
    const before = same.slice(0, index);
    if (before.length > 0 && !(await somebodyDied(before, ts, kills))) strange.push(ts);
  }
  return strange;
}

/** Between the two a process was killed that had noted none of those before. */
async function somebodyDied(before: string[], ts: string, kills: AtKill[]): Promise<boolean> {
  for (const { taken, noted } of kills) {
    if (taken.has(ts) || before.some((each) => !taken.has(each))) continue;
    const known = await noted();
    if (before.every((each) => !known.has(each))) return true;
  }
  return false;
}
