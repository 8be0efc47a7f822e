// What the stand-in and the emulated edge say to each other: JSON lines over one TCP connection for each of the tunnel's
// connections. The real ones speak Cap'n Proto over HTTP/2 or QUIC; this channel is private to the sandbox.
import type { Socket } from "node:net";
import type { OriginFault } from "../cloudflare/network.ts";

export type Protocol = "http2" | "quic";

export type ToEdge =
  /** The SRV look-up of the edge's addresses. */
  | { kind: "lookup" }
  /** A handshake. `dropped` stands for the silence of a blocked way: how long to wait for an answer is the caller's.
   *  `connection` is the connector's id and the connection's number, or empty for a check. */
  | { kind: "dial"; protocol: Protocol; connection: string }
  | {
      kind: "register";
      token: string;
      connIndex: number;
      connectorId: string;
      version: string;
      arch: string;
    }
  /** `refused`: the older version stays. */
  | { kind: "applied"; version: number; refused: boolean }
  | { kind: "unregister" };

/** A request that came through this connection. */
export type Request = {
  hostname: string;
  path: string;
  status: number;
  rule: number;
  service: string;
  /** Why the origin could not be asked. */
  failure?: OriginFault;
};

export type FromEdge =
  | { kind: "addresses"; ips: string[] }
  | { kind: "no-such-host" }
  | { kind: "dialled" }
  | { kind: "dropped" }
  | { kind: "registered"; connection: string; location: string }
  | { kind: "refused"; because: string }
  | { kind: "configuration"; version: number; config: Record<string, unknown> }
  | { kind: "request"; request: Request }
  /** How far the sandbox's time is ahead. */
  | { kind: "clock"; offsetMs: number };

export type Wire<Out> = { send(message: Out): void; close(): void };

/** Speaks JSON lines over a socket. What is not JSON ends the connection. */
export function speak<In, Out>(socket: Socket, take: (message: In) => void): Wire<Out> {
  let rest = "";
  socket.setEncoding("utf8").setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = parsed(line);
      if (message === null) return socket.destroy();
      take(message as In);
    }
  });
  return {
    send(message) {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    },
    close: () => socket.destroy(),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
