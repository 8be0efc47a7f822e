// A name server over UDP. Just enough of RFC 1035 for one question, and A and AAAA records.
import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";

const HEADER = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const NO_SUCH_NAME = 3;

export type NameServer = {
  /** host:port, UDP. */
  address: string;
  close(): Promise<void>;
};

/** `answer` gives the addresses of a name, in lower case; null where there is no such name. */
export async function startNameServer(answer: (name: string) => string[] | null): Promise<NameServer> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const reply = replyTo(query, answer);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function replyTo(query: Buffer, answer: (name: string) => string[] | null): Buffer | null {
  if (query.length < HEADER + 5) return null;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
  const question = query.subarray(HEADER, at + 5);
  const found = answer(labels.join("."));
  const type = query.readUInt16BE(at + 1);
  const wanted = (found ?? []).filter((address) => type === (isIPv4(address) ? TYPE_A : TYPE_AAAA));
  return Buffer.concat([header(query, found !== null, wanted.length), question, ...wanted.map(record)]);
}

function header(query: Buffer, known: boolean, answers: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(0x8580 | (known ? 0 : NO_SUCH_NAME), 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** A record of the name that was asked for, to which its first two bytes point. */
function record(address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split(".").map(Number)) : bytesOfIPv6(address);
  const type = isIPv4(address) ? TYPE_A : TYPE_AAAA;
  return Buffer.concat([Buffer.from([0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
}

function bytesOfIPv6(address: string): Buffer {
  const [before = "", after] = address.split("::");
  const groups = (text: string) => text.split(":").filter((group) => group !== "");
  const [head, tail] = [groups(before), groups(after ?? "")];
  const all = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
