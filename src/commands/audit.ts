// `npm run audit -- --since 7d`: the audit as JSON lines on standard output, oldest first.
import { parseArgs } from "node:util";
import { storeLocation } from "../config.ts";
import { readAudit } from "../store/audit.ts";
import { openDatabase, StoreUnusable } from "../store/database.ts";
import { FolderInUse } from "../store/folder-lock.ts";

const HELP = `npm run audit -- [--since 7d]

Writes who did what, when, with what outcome and why, one JSON object on each line.
  --since   30m, 24h, 7d, or a date such as 2026-11-01 (default: everything)
DATABASE_URL or DATA_DIR say where the store is, as for the bot.`;

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

await main().catch((error: unknown) => {
  if (!(error instanceof StoreUnusable || error instanceof FolderInUse || error instanceof RangeError))
    throw error;
  console.error(error.message);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { since: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(HELP);
  const since = sinceOf(values.since);
  const database = await openDatabase(storeLocation(process.env));
  try {
    for await (const entry of readAudit(database.db, since)) await write(`${JSON.stringify(entry)}\n`);
  } finally {
    await database.close();
  }
}

function sinceOf(text: string | undefined): Date {
  if (text === undefined) return new Date(0);
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count && unit) return new Date(Date.now() - Number(count) * UNITS[unit as keyof typeof UNITS]);
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new RangeError(`--since ${text} is neither a time such as 7d nor a date such as 2026-11-01.`);
  return date;
}

/** Waits for a slow reader instead of filling the memory. */
async function write(line: string): Promise<void> {
  if (process.stdout.write(line)) return;
  await new Promise((resolve) => process.stdout.once("drain", resolve));
}
