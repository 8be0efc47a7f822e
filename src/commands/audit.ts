// `npm run audit -- --since 7d`: the audit as JSON lines on standard output, oldest first.
import { pipeline } from "node:stream/promises";
import { storeLocation } from "../config-store.ts";
import { readAudit } from "../store/audit.ts";
import { askForAudit } from "../store/audit-socket.ts";
import { openAsItIs } from "../store/database.ts";
import { hasStore } from "../store/embedded-folder.ts";
import { FolderInUse } from "../store/folder-lock.ts";
import { readOptions, runCommand } from "./command.ts";

const HELP = `npm run audit -- [--since 7d]

Writes who did what, when, with what outcome and why, one JSON object on each line.
  --since   30m, 24h, 7d, or a date such as 2026-11-01 (default: everything)
DATABASE_URL, CLOUD_SQL_INSTANCE or DATA_DIR say where the store is, as for the bot.`;

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

await runCommand(async (environment) => {
  const values = readOptions({ since: { type: "string" }, help: { type: "boolean", short: "h" } });
  if (values.help) return console.log(HELP);
  const since = sinceOf(values.since);
  const where = storeLocation(await environment());
  const isFolder = !where.url && !where.cloudSql;
  if (isFolder && !hasStore(where.dataDir)) throw new RangeError(noStoreAt(where.dataDir));
  const database = await openAsItIs(where).catch((error: unknown) => {
    if (error instanceof FolderInUse) return null;
    throw error;
  });
  // The bot has the embedded store open: it reads for us.
  if (!database) return await writeLines(askForAudit(where.dataDir, since));
  try {
    await writeLines(asLines(readAudit(database.db, since)));
  } finally {
    await database.close();
  }
});

/** Reading makes no store. */
function noStoreAt(folder: string): string {
  return `There is no store in ${folder}. DATABASE_URL, CLOUD_SQL_INSTANCE or DATA_DIR say where the bot keeps it.`;
}

async function* asLines(entries: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const entry of entries) yield JSON.stringify(entry);
}

/** At the pace of whoever reads. One that stops early, such as head, is no fault. */
async function writeLines(lines: AsyncIterable<string>): Promise<void> {
  await pipeline(withBreaks(lines), process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

async function* withBreaks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

function sinceOf(text: string | undefined): Date {
  if (text === undefined) return new Date(0);
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count && unit) return new Date(Date.now() - Number(count) * UNITS[unit as keyof typeof UNITS]);
  const date = new Date(text);
  // Asked for a bare number, JavaScript takes it for a month.
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new RangeError(`--since ${text} is neither a time such as 7d nor a date such as 2026-11-01.`);
  return date;
}
