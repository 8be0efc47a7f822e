// Answers one HTTP request of an emulator: asks the injected faults, lets the effect happen (or not), sends or spoils
// the answer, and writes the journal. Every HTTP emulator goes through `answerThroughFaults`, so faults mean the same
// everywhere.
import type { ServerResponse } from "node:http";
import type { Fault, FaultRule, Shared, Vendor } from "./contract.ts";
import { shutDoor } from "./door.ts";
import { withoutItems } from "./empty-list.ts";

/** A whole HTTP answer, decided but not yet sent. An object body is sent as JSON. */
export type HttpAnswer = {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer | Record<string, unknown> | unknown[];
};

export type FaultyRequest = {
  method: string;
  /** Without the query; what fault rules match and the journal shows. */
  path: string;
  query: Record<string, string>;
  /** As the journal shows it: parsed, and free of secrets. */
  body: unknown;
};

/**
 * Runs `effect` for one request and sends its answer, bent by the fault that hits the request, if any.
 *
 * - `before`: `effect` is not run (except for `delay`, which only comes before it); `after`: it is, then the answer is spoilt.
 * - `status` answers with that status and the rule's body, else `errorBody(status)`; 429 carries `Retry-After`.
 * - `drop` closes the connection without a byte, `reset-body` in mid-body, `hang` never answers, `malformed` answers 200 with no JSON.
 * - `empty-list` takes effect and empties every list of the answer; `refuse` drops, and shuts the port for a while.
 *
 * The journal entry is written when the answer is decided, before it is sent; its status is 0 where none arrives whole.
 *
 *     await answerThroughFaults(shared, "cloudflare", request, response, () => route(request), envelopeFor);
 */
export async function answerThroughFaults(
  shared: Shared,
  vendor: Vendor,
  request: FaultyRequest,
  response: ServerResponse,
  effect: () => HttpAnswer | Promise<HttpAnswer>,
  errorBody: (status: number) => Record<string, unknown>,
): Promise<void> {
  const at = shared.clock.now().toISOString();
  const fault = shared.faults.strike({ vendor, method: request.method, path: request.path });
  const bent = fault?.effect;
  if (bent?.kind === "delay" && fault?.when === "before") await pause(bent.ms);
  const answer = fault === null || takesEffect(fault) ? await effect() : null;
  if (bent?.kind === "delay" && fault?.when === "after") await pause(bent.ms);
  const outcome = bent === undefined ? { send: answer ?? EMPTY } : spoil(bent, answer, errorBody);
  const status = "send" in outcome ? outcome.send.status : 0;
  shared.journal.write({ at, vendor, ...request, status, ...(bent ? { fault: bent.kind } : {}) });
  if ("send" in outcome) sendAnswer(response, outcome.send);
  else if ("cut" in outcome) cutInMidBody(response, outcome.cut);
  else if (outcome.silent === "drop") response.socket?.destroy();
  if (bent?.kind === "refuse") shutDoor(response.req.socket, bent.ms);
}

/** Sends a whole answer, as JSON when its body is an object. */
function sendAnswer(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed) return;
  const { bytes, type } = encode(answer);
  response.writeHead(answer.status, {
    "content-type": type,
    "content-length": bytes.length,
    ...answer.headers,
  });
  response.end(bytes);
}

const EMPTY: HttpAnswer = { status: 200, body: "" };
const GIBBERISH = "<html><body>upstream connect error</body>";

type Outcome = { send: HttpAnswer } | { cut: HttpAnswer } | { silent: "drop" | "hang" };

function spoil(
  effect: FaultRule["effect"],
  answer: HttpAnswer | null,
  errorBody: (status: number) => Record<string, unknown>,
): Outcome {
  switch (effect.kind) {
    case "delay":
      return { send: answer ?? EMPTY };
    case "status":
      return { send: refusal(effect, errorBody) };
    case "malformed":
      return { send: { status: 200, headers: { "content-type": "application/json" }, body: GIBBERISH } };
    case "empty-list":
      return { send: emptied(answer ?? EMPTY) };
    case "refuse":
      return { silent: "drop" };
    case "reset-body":
      return { cut: answer ?? { status: 200, body: errorBody(500) } };
    default:
      return { silent: effect.kind };
  }
}

function refusal(
  effect: Extract<FaultRule["effect"], { kind: "status" }>,
  errorBody: (status: number) => Record<string, unknown>,
): HttpAnswer {
  const retryAfter = effect.retryAfterSeconds ?? (effect.status === 429 ? 1 : undefined);
  return {
    status: effect.status,
    headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    body: (effect.body ?? errorBody(effect.status)) as string | Record<string, unknown>,
  };
}

function takesEffect(fault: Fault): boolean {
  return fault.when === "after" || fault.effect.kind === "delay" || fault.effect.kind === "empty-list";
}

function emptied(answer: HttpAnswer): HttpAnswer {
  return typeof answer.body === "object" && !Buffer.isBuffer(answer.body)
    ? { ...answer, body: withoutItems(answer.body) as Record<string, unknown> }
    : answer;
}

function encode(answer: HttpAnswer): { bytes: Buffer; type: string } {
  const { body = "" } = answer;
  if (Buffer.isBuffer(body)) return { bytes: body, type: "application/octet-stream" };
  if (typeof body === "string") return { bytes: Buffer.from(body), type: "text/plain; charset=utf-8" };
  return { bytes: Buffer.from(JSON.stringify(body)), type: "application/json; charset=utf-8" };
}

/** Promises the whole body, sends half of it and tears the connection. */
function cutInMidBody(response: ServerResponse, answer: HttpAnswer): void {
  const { bytes, type } = encode(answer);
  response.writeHead(answer.status, {
    "content-type": type,
    "content-length": bytes.length,
    ...answer.headers,
  });
  response.write(bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2))), () =>
    response.socket?.destroy(),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
