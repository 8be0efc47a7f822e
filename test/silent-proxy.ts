// A way to Postgres that can fall silent, as behind a firewall that forgot its connections: those that stand carry nothing any
// more and are not closed; new ones work.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export type SilentProxy = {
  /** The database's address by this way. */
  url: string;
  /** How many connections stand silent from now on. */
  silence(): number;
  /** Closes those that are silent: some ends wait for as long as TCP does. */
  hangUp(): void;
};

export async function startSilentProxy(to: string): Promise<SilentProxy> {
  const target = new URL(to);
  const pairs = new Map<Socket, Socket>();
  const silent = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    pairs.set(near, far);
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => {
        pairs.delete(near);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of [...pairs].flat()) socket.destroy();
  });
  const url = new URL(to);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
        silent.add(near);
      }
      return pairs.size;
    },
    hangUp() {
      for (const near of silent) near.destroy();
    },
  };
}
