// `npm run reap`: closes what is past its end while the bot is down. For a Cloud Run job that Cloud Scheduler starts.
import { openClock } from "../clock.ts";
import { loadUnattendedConfig } from "../config.ts";
import type { Exposure } from "../domain/exposure.ts";
import { createLogger } from "../log.ts";
import { loadPolicy } from "../policy-file.ts";
import { reap } from "../reaper.ts";
import { openDatabase } from "../store/database.ts";
import { FolderInUse } from "../store/folder-lock.ts";
import { readOptions, runCommand } from "./command.ts";

const HELP = `npm run reap [-- --grace 5] [--patience 480]

Closes what is past its end and that no running bot has closed, with the same steps and proofs. It needs the bot's
configuration, but nothing of Slack: the cards are redrawn when the bot is back.
  --grace      minutes past the end that are left to the bot (default 5)
  --patience   seconds to try for (default 480)

Exit code: 0 when nothing is past its end any more, 1 when something still is, or could not be read.`;

await runCommand(async (environment) => {
  const values = readOptions({
    grace: { type: "string", default: "5" },
    patience: { type: "string", default: "480" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return console.log(HELP);
  const graceMinutes = numberOf("--grace", values.grace);
  const patienceMs = numberOf("--patience", values.patience) * 1000;
  const config = loadUnattendedConfig(await environment());
  const policy = await loadPolicy(config.policyFile);
  const { logLevel: level, secrets } = config;
  const log = createLogger({ level, secrets, destination: process.stderr });
  const database = await openDatabase(config.store).catch((error: unknown) => {
    if (error instanceof FolderInUse) return null;
    throw error;
  });
  if (!database) return console.log("The bot is running on this store: it closes what is past its end.");
  const clock = await openClock(config.clockUrl, log);
  try {
    tell(await reap({ config, policy, database, clock, log, graceMinutes, patienceMs }));
  } finally {
    clock.close();
    await database.close();
  }
});

function tell(reaped: Exposure[]): void {
  if (reaped.length === 0) console.log("Nothing is past its end.");
  for (const { hostname, phase, progress } of reaped) {
    if (phase === "closed") console.log(`${hostname} is closed.`);
    else console.log(`${hostname} is still being closed: ${progress.waiting ?? "its time here was over."}`);
  }
  if (reaped.some(({ phase }) => phase !== "closed")) process.exitCode = 1;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`${option} ${text} is not a number of 0 or more.`);
}
