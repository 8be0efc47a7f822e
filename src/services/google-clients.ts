// Google's own clients, each built when it is first needed, and what all calls to Google share: one deadline per call, no
// retry inside the SDK, and its errors told by code.
import { v2 as logging } from "@google-cloud/logging-api";
import { v2 as run } from "@google-cloud/run";
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { gcpMetadata, PassThroughClient } from "google-auth-library";
import { type CallOptions, type ClientOptions, GoogleError, grpc, Status } from "google-gax";
import { inTime } from "../time-limit.ts";
import { type FailureDetails, type FailureKind, ServiceFailure } from "./failure.ts";
import { type Observe, observed } from "./observing.ts";

export type GoogleClients = {
  /** Told of each call. */
  observe: Observe | undefined;
  services(): run.ServicesClient;
  workerPools(): run.WorkerPoolsClient;
  revisions(): run.RevisionsClient;
  logs(): logging.LoggingServiceV2Client;
  secrets(): SecretManagerServiceClient;
  /** Lets a client find its credentials, before any of its methods is called. One that finds none is built anew the next
   *  time. */
  ready(client: Client): Promise<void>;
  close(): Promise<void>;
};

type Client = { initialize(): Promise<unknown>; close(): Promise<void> };

/** `endpoint` is host:port of an emulator: insecure gRPC, no credentials. Without it the clients talk to Google as the
 *  identity that the environment gives. */
export function createGoogleClients(options: { endpoint?: string; observe?: Observe }): GoogleClients {
  const built = new Set<Client>();
  function once<T extends Client>(build: (options: ClientOptions) => T): () => T {
    let client: T | null = null;
    return () => {
      if (client && built.has(client)) return client;
      client = build(clientOptions(options.endpoint));
      built.add(client);
      return client;
    };
  }
  return {
    observe: options.observe,
    services: once((each) => new run.ServicesClient(each)),
    workerPools: once((each) => new run.WorkerPoolsClient(each)),
    revisions: once((each) => new run.RevisionsClient(each)),
    logs: once((each) => new logging.LoggingServiceV2Client(each)),
    secrets: once((each) => new SecretManagerServiceClient(each)),
    async ready(client) {
      try {
        await client.initialize();
      } catch (error) {
        // A client fails for ever with what it met first, and that there is no metadata server is kept for all of them.
        built.delete(client);
        gcpMetadata.resetIsAvailableCache();
        throw error;
      }
    },
    async close() {
      // One that never came up has nothing to close, and says so.
      await Promise.allSettled([...built].map((client) => client.close()));
    },
  };
}

export function clientOptions(endpoint: string | undefined): ClientOptions {
  if (!endpoint) return {};
  // The port is an option of its own: the clients do not parse host:port. Without an authClient they would still ask the
  // metadata server for the universe domain.
  const { hostname, port } = new URL(`http://${endpoint}`);
  const sslCreds = grpc.credentials.createInsecure();
  return { apiEndpoint: hostname, port: Number(port), sslCreds, authClient: new PassThroughClient() };
}

/** What one call is about, in words for people; `denied` and `missing` say what to do. */
export type GoogleCall = {
  operation: string;
  /** "the Cloud Run services of lakeside-prod in us-central1". */
  subject: string;
  denied: string;
  missing: string;
  conflict?: string;
  /** Where what is to be made is there already; otherwise that is a conflict like any other. */
  exists?: string;
  timeoutMs: number;
};

/** How the way to a token fails: Node's codes, and google-auth's for what took too long. */
const NETWORK = new Set([
  "AbortError",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "TimeoutError",
]);

type RetryInfo = { retryDelay?: { seconds?: unknown; nanos?: unknown } };

/** Makes one call with its own deadline, and turns what goes wrong into a ServiceFailure. */
export async function callGoogle<C extends Client, T>(
  { observe, ready }: Pick<GoogleClients, "observe" | "ready">,
  call: GoogleCall,
  clientOf: () => C,
  make: (client: C, options: CallOptions) => Promise<T>,
): Promise<T> {
  return await observed(observe, { vendor: "google", operation: call.operation }, async () => {
    const limitMs = call.timeoutMs + 1000;
    try {
      const client = clientOf();
      const options = callOptions(call.timeoutMs, limitMs);
      // A method that has to do this by itself fails twice without credentials: to us, and as a rejection that nobody can
      // handle. https://github.com/googleapis/google-cloud-node/blob/main/packages/google-cloud-run/src/v2/services_client.ts
      await inTime(ready(client), limitMs, noCredentialsInTime);
      return await make(client, options);
    } catch (error) {
      throw failureOf(call, error);
    }
  });
}

// The SDK retries some calls by itself, far past the given timeout; here the queue is what retries. The deadline starts
// only after the client has found its credentials, so the signal bounds that part too.
function callOptions(timeoutMs: number, limitMs: number): CallOptions {
  return { timeout: timeoutMs, retry: null, signal: AbortSignal.timeout(limitMs) };
}

function noCredentialsInTime(): never {
  throw Object.assign(new GoogleError("no credentials in time"), { code: Status.DEADLINE_EXCEEDED });
}

function failureOf(call: GoogleCall, error: unknown): ServiceFailure {
  const { name, ...reason } = reasonOf(error);
  const retryAfterMs = retryAfter(error);
  return new ServiceFailure({
    ...reason,
    vendor: "google",
    operation: call.operation,
    message: messageOf(call, reason, name),
    cause: error,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

type Reason = Pick<FailureDetails, "kind" | "code" | "status">;

/** By gRPC's code, or by what fetching a token met: an HTTP status, which grpc-js passes on in place of its own code, or the
 *  network. https://github.com/grpc/grpc-node/blob/master/packages/grpc-js/src/load-balancing-call.ts */
function reasonOf(error: unknown): Reason & { name: string } {
  const { code, status } = (error ?? {}) as { code?: unknown; status?: unknown };
  const number = typeof code === "number" ? code : status;
  if (typeof number === "number" && number >= 400) {
    const passes = number === 429 || number >= 500;
    return { kind: passes ? "retry" : "denied", status: number, name: `HTTP ${number}` };
  }
  if (typeof number === "number")
    return { kind: kindOf(number), code: number, name: Status[number] ?? `code ${number}` };
  if (typeof code === "string" && NETWORK.has(code)) return { kind: "retry", code, name: code };
  return { kind: "denied", name: "no answer" };
}

/** https://cloud.google.com/apis/design/errors#handling_errors */
function kindOf(code: number): FailureKind {
  switch (code) {
    case Status.UNAVAILABLE:
    case Status.DEADLINE_EXCEEDED:
    case Status.RESOURCE_EXHAUSTED:
    case Status.INTERNAL:
    case Status.UNKNOWN:
    case Status.CANCELLED:
    case Status.DATA_LOSS:
      return "retry";
    case Status.ABORTED:
    case Status.ALREADY_EXISTS:
    case Status.FAILED_PRECONDITION:
      return "conflict";
    case Status.NOT_FOUND:
      return "missing";
    default:
      return "denied";
  }
}

function messageOf(call: GoogleCall, { kind, code }: Reason, name: string): string {
  const unknown = code === undefined || code === Status.UNAUTHENTICATED;
  if (kind === "denied" && unknown) {
    return `Google does not know who Drawbridge is (${name}). Give it a service account: on Cloud Run in the worker pool's settings, elsewhere with \`gcloud auth application-default login\`.`;
  }
  if (kind === "missing") return call.missing;
  if (code === Status.PERMISSION_DENIED) return call.denied;
  if (kind === "denied")
    return `Google refused the question about ${call.subject} (${name}). Check the configured names.`;
  if (code === Status.ALREADY_EXISTS && call.exists) return call.exists;
  if (kind === "conflict" && call.conflict) return call.conflict;
  if (kind === "conflict")
    return `Google would not do that to ${call.subject} as it stands (${name}). Read it again first.`;
  return `Google could not answer about ${call.subject} just now (${name}). Try again in a minute.`;
}

/** google.rpc.RetryInfo, where Google sent one. */
function retryAfter(error: unknown): number | null {
  const { statusDetails } = (error ?? {}) as { statusDetails?: unknown };
  if (!Array.isArray(statusDetails)) return null;
  const [info] = (statusDetails as RetryInfo[]).filter((detail) => detail.retryDelay);
  if (!info?.retryDelay) return null;
  return Number(info.retryDelay.seconds ?? 0) * 1000 + Number(info.retryDelay.nanos ?? 0) / 1_000_000;
}
