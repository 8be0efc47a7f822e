// The stand-in's way to the emulated edge: look-up, dial, and the connection that comes of it.
import { connect } from "node:net";
import { type FromEdge, type Protocol, speak, type ToEdge, type Wire } from "./wire.ts";

export type EdgeLink = {
  /** Null when registered, else why the edge refused. */
  register(asked: Omit<Extract<ToEdge, { kind: "register" }>, "kind">): Promise<Registration>;
  onMessage(listener: (message: FromEdge) => void): void;
  send: Wire<ToEdge>["send"];
  /** Resolves when the connection is gone, from whichever side. */
  closed: Promise<void>;
  close(): void;
};

export type Registration = { connection: string; location: string } | { refused: string };

/** Null where the way is blocked, after waiting for an answer as long as cloudflared does. A slow machine is no blocked
 *  way: the time limit begins when the edge said that it drops the packets. */
export async function dial(
  edge: string,
  protocol: Protocol,
  connection: string,
  patience: () => Promise<void>,
): Promise<EdgeLink | null> {
  const link = open(edge);
  const answer = await link.ask({ kind: "dial", protocol, connection }, ["dialled", "dropped"]);
  if (answer?.kind === "dialled") return link;
  await patience();
  link.close();
  return null;
}

/** The edge's addresses, or null where its name does not resolve. */
export async function lookUp(edge: string): Promise<string[] | null> {
  const link = open(edge);
  const answer = await link.ask({ kind: "lookup" }, ["addresses", "no-such-host"]);
  link.close();
  return answer?.kind === "addresses" ? answer.ips : null;
}

function open(edge: string) {
  const [host, port] = edge.split(":");
  const socket = connect({ host, port: Number(port) });
  const listeners = new Set<(message: FromEdge) => void>();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const wire = speak<FromEdge, ToEdge>(socket, (message) => {
    for (const listener of listeners) listener(message);
  });

  /** Null where the connection ended without an answer. */
  function ask(message: ToEdge, answers: FromEdge["kind"][]): Promise<FromEdge | null> {
    return new Promise((resolve) => {
      const listener = (answer: FromEdge) => answers.includes(answer.kind) && settle(answer);
      function settle(answer: FromEdge | null): void {
        listeners.delete(listener);
        resolve(answer);
      }
      listeners.add(listener);
      void closed.then(() => settle(null));
      wire.send(message);
    });
  }

  return {
    ...wire,
    ask,
    closed,
    onMessage: (listener: (message: FromEdge) => void) => void listeners.add(listener),
    async register(asked: Omit<Extract<ToEdge, { kind: "register" }>, "kind">): Promise<Registration> {
      const answer = await ask({ kind: "register", ...asked }, ["registered", "refused"]);
      if (answer?.kind === "registered") return answer;
      return { refused: answer?.kind === "refused" ? answer.because : "connection with edge closed" };
    },
  };
}
