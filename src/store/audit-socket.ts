// Lets the audit be read while the bot has the embedded store open: PGlite takes one process, so the bot itself answers,
// on a socket in its data folder that only its own user can reach.

import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Kysely } from "kysely";
import { readAudit } from "./audit.ts";
import type { Tables } from "./tables.ts";

const SOCKET = "audit.sock";

/** Answers each connection, which sends the date to begin with, with JSON lines. */
export async function serveAudit(folder: string, db: Kysely<Tables>): Promise<{ close(): void }> {
  const path = join(folder, SOCKET);
  // Left behind by a process that was killed; the folder's lock says that it is gone.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    answer(socket, db).catch(() => socket.destroy());
  });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  return { close: () => void server.close() };
}

async function answer(socket: Socket, db: Kysely<Tables>): Promise<void> {
  const [line] = (await once(createInterface({ input: socket }), "line")) as [string];
  for await (const entry of readAudit(db, new Date(line)))
    if (!socket.write(`${JSON.stringify(entry)}\n`)) await once(socket, "drain");
  socket.end();
}

/** The lines that a running bot answers. Throws when none is listening. */
export async function* askForAudit(folder: string, since: Date): AsyncGenerator<string> {
  const socket = connect(join(folder, SOCKET));
  await once(socket, "connect");
  socket.write(`${since.toISOString()}\n`);
  yield* createInterface({ input: socket });
}
