// The vendors' own message types, read from the packages that the bot's clients are built from, turned into gRPC service
// definitions. Fields that the caller did not send stay absent, so that an update mask can tell "0" from "not given".
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type grpc, protobuf } from "google-gax";

export type Message = Record<string, unknown>;

const require = createRequire(import.meta.url);

export const runProtos = load("@google-cloud/run", "../../build/protos/protos.json");
export const secretProtos = load("@google-cloud/secret-manager", "../../build/protos/protos.json");
export const loggingProtos = load("@google-cloud/logging-api", "../../build/protos/protos.json");
export const locationProtos = load("google-gax", "../protos/locations.json");
const statusProtos = load("google-gax", "../protos/status.json");

function load(packageName: string, fromEntryPoint: string): protobuf.Root {
  const file = join(dirname(require.resolve(packageName)), fromEntryPoint);
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(file, "utf8")));
  root.resolveAll();
  return root;
}

export function serviceDefinition(root: protobuf.Root, serviceName: string): grpc.ServiceDefinition {
  const methods = root.lookupService(serviceName).methodsArray.map((each) => {
    const { resolvedRequestType: request, resolvedResponseType: response } = each;
    return [
      each.name,
      {
        path: `/${serviceName}/${each.name}`,
        requestStream: each.requestStream === true,
        responseStream: each.responseStream === true,
        requestSerialize: (value: Message) => encode(request!, value),
        requestDeserialize: (bytes: Buffer) => decode(request!, bytes),
        responseSerialize: (value: Message) => encode(response!, value),
        responseDeserialize: (bytes: Buffer) => decode(response!, bytes),
      },
    ] as const;
  });
  return Object.fromEntries(methods);
}

/** A google.protobuf.Any. */
export function pack(root: protobuf.Root, typeName: string, value: Message): Message {
  return {
    type_url: `type.googleapis.com/${typeName}`,
    value: encode(root.lookupType(typeName), value),
  };
}

/** What goes into the `grpc-status-details-bin` trailer: a google.rpc.Status that says when to come back. */
export function retryInfo(code: number, message: string, seconds: number): Buffer {
  const details = [pack(statusProtos, "google.rpc.RetryInfo", { retryDelay: { seconds, nanos: 0 } })];
  return encode(statusProtos.lookupType("google.rpc.Status"), { code, message, details });
}

export function timestamp(at: Date): Message {
  const ms = at.getTime();
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}

function encode(type: protobuf.Type, value: Message): Buffer {
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

function decode(type: protobuf.Type, bytes: Buffer): Message {
  return type.toObject(type.decode(bytes), { longs: String, enums: String });
}
