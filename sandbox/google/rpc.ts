// How every RPC is answered, whichever API it belongs to: the fault that hits it, the handler, the journal.
import { grpc } from "google-gax";
import type { Fault, Shared } from "../contract.ts";
import { withoutItems } from "../empty-list.ts";
import { type Message, retryInfo, serviceDefinition } from "./protos.ts";

const { status } = grpc;

/** A refusal in gRPC's terms. */
export class RpcError extends Error {
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type Handler = (request: Message) => Message;

/** The answering side of a stream that stays open. */
export type ServerStream = {
  send(response: Message): void;
  fail(error: RpcError): void;
  /** When the caller left, or the stream was ended from here. */
  onEnd(task: () => void): void;
};

/** Called with the first message that the caller sends; throws RpcError to refuse. */
export type StreamHandler = (request: Message, stream: ServerStream) => void;

/** One gRPC service: the RPCs it answers. Every other RPC of it is answered with UNIMPLEMENTED, and journalled. */
export type Api = {
  root: Parameters<typeof serviceDefinition>[0];
  service: string;
  handlers: Record<string, Handler>;
  streams?: Record<string, StreamHandler>;
};

/** `lost` stands for an answer that never arrives: for ever, or because the connection broke. */
type Outcome =
  | { kind: "answer"; response: Message }
  | { kind: "refusal"; error: RpcError }
  | { kind: "lost"; as: "silence" | "broken connection" };

export function addApi(server: grpc.Server, api: Api, shared: Shared): void {
  const definition = serviceDefinition(api.root, api.service);
  const unknown = rpcsOf(api).find((method) => !(method in definition));
  if (unknown) throw new Error(`${api.service} has no RPC ${unknown}`);
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const method of Object.keys(definition)) {
    const stream = api.streams?.[method];
    if (stream) {
      implementation[method] = (call: Duplex) => serveStream(method, call, stream, shared);
      continue;
    }
    const handler = api.handlers[method] ?? (() => unimplemented(api.service, method));
    implementation[method] = (
      call: grpc.ServerUnaryCall<Message, Message>,
      callback: grpc.sendUnaryData<Message>,
    ) => {
      answer(method, call.request, handler, shared).then(
        (outcome) => reply(outcome, callback),
        (error: unknown) => callback({ code: status.INTERNAL, details: String(error) }),
      );
    };
  }
  server.addService(definition, implementation);
}

/** Every RPC that an API answers. */
export function rpcsOf({ handlers, streams }: Api): string[] {
  return [...Object.keys(handlers), ...Object.keys(streams ?? {})];
}

async function answer(method: string, request: Message, handler: Handler, shared: Shared): Promise<Outcome> {
  const path = resourceOf(request);
  const body = redacted(request);
  const fault = shared.faults.strike({ vendor: "google", method, path });
  const outcome = await underFault(fault, () => handle(handler, request));
  const code = outcome.kind === "refusal" ? outcome.error.code : status.OK;
  shared.journal.write({
    at: shared.clock.now().toISOString(),
    vendor: "google",
    method,
    path,
    query: {},
    body,
    status: code,
    ...(fault ? { fault: `${fault.effect.kind} ${fault.when} (${fault.id})` } : {}),
  });
  return outcome;
}

type Duplex = grpc.ServerDuplexStream<Message, Message>;

/** The first message opens it; what the caller sends after that only keeps it alive. */
function serveStream(method: string, call: Duplex, handler: StreamHandler, shared: Shared): void {
  const tasks: (() => void)[] = [];
  let over = false;
  function end(): void {
    if (over) return;
    over = true;
    for (const task of tasks) task();
  }
  const stream: ServerStream = {
    send: (response) => void (over || call.write(response)),
    fail(error) {
      if (!over) call.emit("error", refusal(error));
      end();
    },
    onEnd: (task) => void tasks.push(task),
  };
  call.on("cancelled", end);
  call.on("end", () => {
    end();
    call.end();
  });
  call.on("error", end);
  call.once("data", (request: Message) => {
    const opened = (given: Message) => {
      handler(given, stream);
      return {};
    };
    answer(method, request, opened, shared).then(
      (outcome) => {
        if (outcome.kind === "refusal") stream.fail(outcome.error);
        if (outcome.kind === "lost" && outcome.as === "broken connection")
          stream.fail(new RpcError(status.UNAVAILABLE, "Connection dropped"));
      },
      (error: unknown) => stream.fail(new RpcError(status.INTERNAL, String(error))),
    );
  });
}

async function underFault(fault: Fault | null, act: () => Outcome): Promise<Outcome> {
  if (!fault) return act();
  if (fault.effect.kind === "delay") {
    if (fault.when === "before") await pause(fault.effect.ms);
    const outcome = act();
    if (fault.when === "after") await pause(fault.effect.ms);
    return outcome;
  }
  if (fault.effect.kind === "empty-list") return withNothingIn(act());
  if (fault.when === "after") act();
  return spoilt(fault.effect);
}

function withNothingIn(outcome: Outcome): Outcome {
  if (outcome.kind !== "answer") return outcome;
  return { kind: "answer", response: withoutItems(outcome.response) as Message };
}

function spoilt(effect: Exclude<Fault["effect"], { kind: "delay" | "empty-list" }>): Outcome {
  switch (effect.kind) {
    case "status": {
      const text =
        typeof effect.body === "string" ? effect.body : `injected ${status[effect.status] ?? effect.status}`;
      return { kind: "refusal", error: new RpcError(effect.status, text, effect.retryAfterSeconds) };
    }
    case "malformed":
      return { kind: "refusal", error: new RpcError(status.INTERNAL, "Response message parsing error") };
    case "hang":
      return { kind: "lost", as: "silence" };
    case "drop":
    case "refuse":
    case "reset-body":
      return { kind: "lost", as: "broken connection" };
  }
}

function reply(outcome: Outcome, callback: grpc.sendUnaryData<Message>): void {
  if (outcome.kind === "answer") callback(null, outcome.response);
  if (outcome.kind === "refusal") callback(refusal(outcome.error));
  // Calls share one connection; breaking it would hit calls that no rule named. This is what a client makes of a break.
  if (outcome.kind === "lost" && outcome.as === "broken connection") {
    callback({ code: status.UNAVAILABLE, details: "Connection dropped" });
  }
}

function refusal(error: RpcError): Partial<grpc.StatusObject> {
  const metadata = new grpc.Metadata();
  if (error.retryAfterSeconds !== undefined) {
    metadata.set("grpc-status-details-bin", retryInfo(error.code, error.message, error.retryAfterSeconds));
  }
  return { code: error.code, details: error.message, metadata };
}

function handle(handler: Handler, request: Message): Outcome {
  try {
    return { kind: "answer", response: handler(request) };
  } catch (error) {
    if (error instanceof RpcError) return { kind: "refusal", error };
    throw error;
  }
}

function unimplemented(service: string, method: string): never {
  throw new RpcError(status.UNIMPLEMENTED, `the sandbox does not emulate ${service}/${method}`);
}

function resourceOf(request: Message): string {
  const pool = request.workerPool as Message | undefined;
  const [first] = (request.resourceNames ?? []) as string[];
  return String(request.name ?? request.parent ?? request.resource ?? pool?.name ?? first ?? "");
}

function redacted(request: Message): Message {
  const copy = structuredClone(request);
  const payload = copy.payload as Message | undefined;
  if (payload) copy.payload = { data: "[redacted]" };
  return copy;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
