// A WebSocket server with no manners: says only what it is given, answers nothing and never closes a line.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach } from "vitest";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Status 1000. https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 */
export const CLOSE_FRAME = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

/** For less than 126 bytes. */
export function textFrame(content: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(content));
  return Buffer.concat([Buffer.from([0x81, bytes.length]), bytes]);
}

/** Closed by itself after the test. */
export async function startRawSocket(...frames: Buffer[]) {
  const lines = new Set<Duplex>();
  let open = 0;
  const server = createServer();
  server.on("upgrade", (request, line) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    lines.add(line);
    open += 1;
    line.on("error", () => line.destroy());
    // The other side has hung up; this one never does.
    line.once("end", () => {
      open -= 1;
    });
    line.on("data", () => undefined);
    line.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
    for (const frame of frames) line.write(frame);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const line of lines) line.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, open: () => open };
}
