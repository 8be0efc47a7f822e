// Follows logs as they are written, one stream for each project. Google ends a stream after about an hour; one that is
// refused is tried again much later, and polling does without.
// https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2#google.logging.v2.LoggingServiceV2.TailLogEntries
import type { protos } from "@google-cloud/logging-api";
import { type CancellableStream, Status } from "google-gax";
import type { GoogleClients } from "./google-clients.ts";
import { type LogEntry, toLogEntry } from "./log-entry.ts";

export type TailSource = { project: string; resourceNames: string[]; filter: string };

export type Tails = {
  /** What arrived since the last call. */
  take(project: string): LogEntry[];
  /** How long ago the log was last listed while the tail ran without a break since; Infinity where it has to be listed. */
  unlistedMs(project: string): number;
  listed(project: string): void;
  /** Opens the project's stream, once. */
  follow(project: string): void;
  close(): void;
};

type Answer = protos.google.logging.v2.ITailLogEntriesResponse;

type State = { arrived: LogEntry[]; listedAt: number | null; open: boolean };

const BUFFER_SECONDS = 1;
const MOST_HELD = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Ten streams a project is all that Google allows, and people tail too. */
const REFUSED_PAUSE_MS = 10 * 60_000;

/** How Google, and the client's own time limit, end a stream that has lived its hour. */
const ENDED = new Set<unknown>([Status.OUT_OF_RANGE, Status.DEADLINE_EXCEEDED]);
const REFUSED = new Set<unknown>([
  Status.PERMISSION_DENIED,
  Status.UNAUTHENTICATED,
  Status.UNIMPLEMENTED,
  Status.RESOURCE_EXHAUSTED,
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
]);

export function createTails(clients: GoogleClients, sources: TailSource[]): Tails {
  const states = new Map<string, State>(
    sources.map(({ project }) => [project, { arrived: [], listedAt: null, open: false }]),
  );
  const stops = new Map<string, () => void>();
  const stateOf = (project: string): State => {
    const state = states.get(project);
    if (!state) throw new Error(`no worker pool of ${project} is configured`);
    return state;
  };

  return {
    take: (project) => stateOf(project).arrived.splice(0),
    unlistedMs(project) {
      const { listedAt, open } = stateOf(project);
      return open && listedAt !== null ? performance.now() - listedAt : Number.POSITIVE_INFINITY;
    },
    listed(project) {
      stateOf(project).listedAt = performance.now();
    },
    follow(project) {
      const source = sources.find((each) => each.project === project);
      if (source && !stops.has(project)) stops.set(project, followOne(clients, source, stateOf(project)));
    },
    close() {
      for (const stop of stops.values()) stop();
    },
  };
}

/** Returns what ends it. */
function followOne(clients: GoogleClients, source: TailSource, state: State): () => void {
  let stopped = false;
  let pauseMs = FIRST_PAUSE_MS;
  let cancel = () => {};
  let timer: NodeJS.Timeout | undefined;

  function take(answer: Answer): void {
    pauseMs = FIRST_PAUSE_MS;
    keep(state, answer);
  }

  function again(code: unknown): void {
    // What is written while no stream is open has to be listed.
    Object.assign(state, { open: false, listedAt: null });
    if (stopped) return;
    const pause = REFUSED.has(code) ? REFUSED_PAUSE_MS : pauseMs;
    pauseMs = ENDED.has(code) ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    timer = setTimeout(open, pause).unref();
  }

  function open(): void {
    cancel = openStream(clients, source, take, again);
    state.open = true;
  }

  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    cancel();
  };
}

/** `onEnd` is called once, with Google's code. Returns what cancels it. */
function openStream(
  clients: GoogleClients,
  { resourceNames, filter }: TailSource,
  take: (answer: Answer) => void,
  onEnd: (code: unknown) => void,
): () => void {
  let stream: CancellableStream | null = null;
  let over = false;
  function end(code: unknown): void {
    if (over) return;
    over = true;
    stream?.destroy();
    onEnd(code);
  }
  function begin(): void {
    if (over) return;
    stream = logs.tailLogEntries({ retry: null });
    stream.on("data", take);
    stream.on("error", (error: { code?: unknown }) => end(error.code));
    stream.on("end", () => end(Status.OUT_OF_RANGE));
    stream.write({ resourceNames, filter, bufferWindow: { seconds: BUFFER_SECONDS } });
  }
  const logs = clients.logs();
  clients.ready(logs).then(begin, () => end(null));
  return () => {
    if (stream) stream.cancel();
    else over = true;
  };
}

/** What Google or we ourselves have to leave out is listed with the next reading. */
function keep(state: State, answer: Answer): void {
  const entries = (answer.entries ?? []).flatMap((each) => toLogEntry(each) ?? []);
  state.arrived.push(...entries);
  const overfull = state.arrived.length > MOST_HELD;
  if (overfull) state.arrived = [];
  if (overfull || (answer.suppressionInfo ?? []).length > 0) state.listedAt = null;
}
