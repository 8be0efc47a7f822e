// Open tails: each entry is sent to those that ask for it, after the window in which Google puts entries in order.
import { grpc } from "google-gax";
import { entryMessage, type LogEntry } from "./log-entries.ts";
import type { Query } from "./log-query.ts";
import type { Message } from "./protos.ts";
import { RpcError, type ServerStream } from "./rpc.ts";

export type Tails = {
  open(projects: string[], query: Query, request: Message, stream: ServerStream): void;
  take(entry: LogEntry): void;
  endAll(): void;
  close(): void;
};

type Tail = { projects: string[]; query: Query; windowMs: number; stream: ServerStream };

/** https://cloud.google.com/logging/quotas#api-limits */
const SESSIONS = 10;
const DEFAULT_WINDOW_SECONDS = 2;

export function createTails(now: () => Date): Tails {
  const tails = new Set<Tail>();
  const timers = new Set<NodeJS.Timeout>();

  function later(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  return {
    open(projects, query, request, stream) {
      const full = projects.find(
        (project) => [...tails].filter((tail) => tail.projects.includes(project)).length >= SESSIONS,
      );
      if (full) {
        const text = `Quota exceeded for quota metric 'Tail sessions' of project ${full}.`;
        throw new RpcError(grpc.status.RESOURCE_EXHAUSTED, text);
      }
      const given = request.bufferWindow as { seconds?: string; nanos?: number } | undefined;
      const seconds = given
        ? Number(given.seconds ?? 0) + Number(given.nanos ?? 0) / 1e9
        : DEFAULT_WINDOW_SECONDS;
      const tail: Tail = { projects, query, windowMs: seconds * 1000, stream };
      tails.add(tail);
      stream.onEnd(() => tails.delete(tail));
    },
    take(entry) {
      const lateMs = Math.max(0, entry.receivedAt.getTime() - now().getTime());
      for (const tail of tails) {
        if (!tail.projects.includes(entry.project) || !tail.query(entry)) continue;
        later(lateMs + tail.windowMs, () => tail.stream.send({ entries: [entryMessage(entry)] }));
      }
    },
    endAll() {
      for (const { stream } of tails) {
        stream.fail(new RpcError(grpc.status.OUT_OF_RANGE, "Tail session has reached its maximum duration."));
      }
      tails.clear();
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
