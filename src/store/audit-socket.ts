// Lets the audit be read while the bot has the embedded store open: PGlite takes one process, so the bot itself answers,
// on a socket in its data folder that only its own user can reach.
import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { readAudit } from "./audit.ts";
import type { Tables } from "./tables.ts";
import { StoreUnusable } from "./unusable.ts";

export const AUDIT_SOCKET = "audit.sock";
const ASKED_WITHIN_MS = 5_000;
/** The last line of an answer that is whole. */
const END = "";
/** How an answer ends where its reader goes away, such as head, or never asks: no fault of ours. */
const READER_GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"]);

/** Answers each connection, which sends the date to begin with, with JSON lines and an empty one. */
export async function serveAudit(
  folder: string,
  db: Kysely<Tables>,
  log: Logger,
): Promise<{ close(): void }> {
  const path = join(folder, AUDIT_SOCKET);
  // Left behind by a process that was killed; the folder's lock says that it is gone.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    answer(socket, db).catch((error: NodeJS.ErrnoException) => {
      if (!READER_GONE.has(error.code ?? ""))
        log.warn({ err: error }, "the audit could not be read to its end");
      socket.destroy();
    });
  });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  return { close: () => void server.close() };
}

async function answer(socket: Socket, db: Kysely<Tables>): Promise<void> {
  const [asked] = await once(socket, "data", { signal: AbortSignal.timeout(ASKED_WITHIN_MS) });
  await pipeline(answerTo(new Date(String(asked).trim()), db), socket);
}

async function* answerTo(since: Date, db: Kysely<Tables>): AsyncGenerator<string> {
  for await (const entry of readAudit(db, since)) yield `${JSON.stringify(entry)}\n`;
  yield `${END}\n`;
}

/** The lines that a running bot answers. Throws StoreUnusable when none is listening, and when the answer is cut off. */
export async function* askForAudit(folder: string, since: Date): AsyncGenerator<string> {
  const socket = connect(join(folder, AUDIT_SOCKET));
  await once(socket, "connect").catch((error: unknown) => {
    throw new StoreUnusable(
      "Whoever has the store open does not answer: a bot that is just starting, or one on another machine. Try again in a moment, or there.",
      error,
    );
  });
  socket.write(`${since.toISOString()}\n`);
  try {
    for await (const line of createInterface({ input: socket })) {
      if (line === END) return;
      yield line;
    }
  } finally {
    socket.destroy();
  }
  throw new StoreUnusable(
    "The answer was cut off: the bot stopped, or its log says why. What is printed is not the whole. Try again.",
  );
}
