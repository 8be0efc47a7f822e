// A port that takes no connection for a while: what a client sees when a vendor's front end is down.
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Cuts the connections of the server that this socket belongs to and refuses new ones for so long. Upgraded
 *  connections live on. */
export function shutDoor(socket: Socket & { server?: Server }, ms: number): void {
  const { server } = socket;
  if (!server?.listening) return;
  const { port } = server.address() as AddressInfo;
  server.close();
  server.closeAllConnections();
  // A sandbox that is stopped meanwhile must not be kept alive by the door.
  setTimeout(() => server.listen(port, "127.0.0.1").unref(), ms).unref();
}
