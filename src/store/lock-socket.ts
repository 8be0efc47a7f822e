// The sign of life of whoever holds the folder, within one machine: the system answers on its socket as long as the process
// lives, in whatever container, and also while it is too busy to renew its lock or stands still.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { AUDIT_SOCKET } from "./audit-socket.ts";

const SOCKET = "drawbridge.sock";

/** To be called by the holder of the lock. Closing it takes the socket away. */
export function showLife(folder: string): Server {
  const path = join(folder, SOCKET);
  // Left behind by a process that was killed.
  rmSync(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  // Not every disk can have sockets: there the renewed lock has to do.
  server.on("error", () => undefined);
  return server.listen(path).unref();
}

/** No proves nothing: another machine's socket cannot be reached. A bot of an older version has the audit's alone. */
export async function showsLife(folder: string): Promise<boolean> {
  return (await listens(join(folder, SOCKET))) || (await listens(join(folder, AUDIT_SOCKET)));
}

async function listens(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
