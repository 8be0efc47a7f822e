// DNS as a worker pool in the VPC sees it: every host of run.app is private.googleapis.com, unless somebody took the
// private zone away. Just enough of RFC 1035 for one question and A records.
import { createSocket } from "node:dgram";

/** https://cloud.google.com/vpc/docs/configure-private-google-access#domain-options */
const PRIVATE = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"];
/** What run.app resolves to for everybody else. */
const PUBLIC = ["34.143.72.2", "34.143.73.2"];

const HEADER = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;

export type NameServer = {
  /** host:port, UDP. */
  address: string;
  setPrivateZone(there: boolean): void;
  close(): Promise<void>;
};

export async function startNameServer(): Promise<NameServer> {
  let privateZone = true;
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const answer = answerTo(query, privateZone ? PRIVATE : PUBLIC);
    if (answer) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    setPrivateZone(there) {
      privateZone = there;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(query: Buffer, addresses: string[]): Buffer | null {
  if (query.length < HEADER + 5) return null;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
  const question = query.subarray(HEADER, at + 5);
  const known = labels.slice(-2).join(".") === "run.app";
  const wanted = known && query.readUInt16BE(at + 1) === TYPE_A ? addresses : [];
  return Buffer.concat([header(query, known, wanted.length), question, ...wanted.map(record)]);
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
  const fixed = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4]);
  return Buffer.concat([fixed, Buffer.from(address.split(".").map(Number))]);
}
