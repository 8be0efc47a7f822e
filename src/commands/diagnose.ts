// `npm run diagnose -- FILE…`: reads logs of cloudflared and prints what is wrong, with evidence and remedy.
import { createReadStream, realpathSync } from "node:fs";
import { argv, stderr, stdin, stdout } from "node:process";
import type { Readable } from "node:stream";
import { createDiagnostician, type Diagnostician } from "../domain/diagnosis/diagnose.ts";
import type { Diagnosis } from "../domain/diagnosis/facts.ts";
import { createLogReader, type LogCounts } from "../services/connector-log.ts";
import { diagnosisText } from "../views/diagnosis-text.ts";
import { endOnSignals } from "./signals.ts";

const USAGE = `Usage: npm run diagnose -- [--json] [--info] [FILE…]

Reads logs of cloudflared, its JSON or its text, or an export of Cloud Logging as JSON, from files or, with no file
or with "-", from standard input. The lines may be as Docker, kubectl or journalctl print them (also with -o json).
Prints each cause with its evidence and its remedy.

  --json   print an array of {cause, severity, confidence, connector, since, evidence, remedy}
  --info   also print what is worth knowing though nothing is wrong
  --help   print this

Exit code: 0 when the input was read, whatever was found; 2 when it could not be read, was empty,
or held no line of cloudflared.`;

const FOREIGN = `Not one line is cloudflared's, so that this says nothing of the tunnel. Expected are lines that cloudflared printed,
JSON or text, also as Docker, kubectl or journalctl (with -o json too) give them, or entries of Cloud Logging as JSON.`;

type Asked = { json: boolean; informational: boolean; help: boolean; files: string[] };

/** An input that is no log at all, or no argument that we know. */
class Unreadable extends Error {}

function asked(args: string[]): Asked {
  const end = args.indexOf("--");
  const options = (end < 0 ? args : args.slice(0, end)).filter((arg) => arg.startsWith("-") && arg !== "-");
  const unknown = options.find((option) => !["--json", "--info", "--help", "-h"].includes(option));
  if (unknown) throw new Unreadable(`Unknown option ${unknown}.\n\n${USAGE}`);
  return {
    json: options.includes("--json"),
    informational: options.includes("--info"),
    help: options.includes("--help") || options.includes("-h"),
    files: args.filter((arg, at) => arg !== "--" && (at > end && end >= 0 ? true : !options.includes(arg))),
  };
}

async function main(args: string[]): Promise<number> {
  const { json, informational, help, files } = asked(args);
  if (help) {
    stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (files.length === 0 && stdin.isTTY) throw new Unreadable(USAGE);
  const diagnostician = createDiagnostician();
  let read = 0;
  let skipped = 0;
  for (const file of distinct(files.length === 0 ? ["-"] : files)) {
    const counts = await readInto(diagnostician, file);
    warn(file, counts);
    read += counts.read;
    skipped += counts.skipped;
  }
  if (read === 0) throw new Unreadable("There was nothing to read, so that this says nothing of the tunnel.");
  if (skipped >= read) {
    // Who reads the array finds one.
    if (json) stdout.write("[]\n");
    throw new Unreadable(FOREIGN);
  }
  const diagnoses = diagnostician.conclude({ informational });
  stdout.write(`${json ? JSON.stringify(diagnoses.map(asPrinted), null, 2) : diagnosisText(diagnoses)}\n`);
  return 0;
}

/** The services are in the remedy's words already, and what was seen is part of the confidence. */
function asPrinted({ cause, severity, confidence, connector, since, evidence, remedy }: Diagnosis): object {
  return { cause, severity, confidence, connector, since, evidence, remedy };
}

/** A file that is named twice is read once. */
function distinct(files: string[]): string[] {
  const byPath = new Map(files.map((file) => [file === "-" ? file : pathOf(file), file]));
  return [...byPath.values()];
}

function pathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

async function readInto(diagnostician: Diagnostician, file: string): Promise<LogCounts> {
  const name = file === "-" ? "standard input" : file;
  const reader = createLogReader(name);
  const input: Readable = file === "-" ? stdin : createReadStream(file);
  input.setEncoding("utf8");
  try {
    for await (const piece of input) {
      if (String(piece).includes("\u0000"))
        throw new Unreadable(`${name} is not text: it holds binary data.`);
      for (const fact of reader.push(String(piece))) diagnostician.take(fact);
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`Cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const fact of reader.end()) diagnostician.take(fact);
  return reader.counts();
}

function warn(file: string, { read, skipped }: LogCounts): void {
  const name = file === "-" ? "standard input" : file;
  if (read === 0) stderr.write(`${name} is empty.\n`);
  if (skipped * 2 <= read) return;
  stderr.write(
    `${skipped} of ${read} lines of ${name} were not understood. Is it a log of cloudflared, as JSON or text, or an export of Cloud Logging as JSON?\n`,
  );
}

endOnSignals();
// A reader that stops early, such as head, is no fault.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exitCode = error.code === "EPIPE" ? 0 : 2;
});

try {
  process.exitCode = await main(argv.slice(2));
} catch (error) {
  if (!(error instanceof Unreadable)) throw error;
  stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
