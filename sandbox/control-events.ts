// Tells open pages and clock readers what changed, as it happens: server-sent events and one JSON line per clock change.
import { Hono } from "hono";
import { stream, streamSSE } from "hono/streaming";
import type { ControlParts } from "./control.ts";

export type ControlEvent = { kind: string; [detail: string]: unknown };

export type ControlEvents = {
  send(event: ControlEvent): void;
  subscribe(listener: (event: ControlEvent) => void): () => void;
};

export function createControlEvents(): ControlEvents {
  const listeners = new Set<(event: ControlEvent) => void>();
  return {
    send(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Passes on every change of the sandbox's parts; answers with how to stop. */
export function relayChanges(
  { shared, slack, cloudflare, google, bot, tunnel }: ControlParts,
  events: ControlEvents,
): () => void {
  const stops = [
    shared.clock.onChange((offsetMs) => events.send({ kind: "time", offsetMs })),
    shared.journal.onWrite(({ at, vendor, method, path, status }) =>
      events.send({ kind: "journal", at, vendor, method, path, status }),
    ),
    slack.onChange((change) => events.send({ ...change, kind: "slack", change: change.kind })),
    cloudflare.onChange((change) => events.send({ ...change, kind: "edge", change: change.kind })),
    google.onChange((change) => events.send({ kind: "google", change: change.kind })),
    bot.onChange((status) => events.send({ kind: "bot", ...status })),
    tunnel?.onChange(() => events.send({ kind: "cloudflared" })) ?? (() => undefined),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export function eventRoutes({ shared }: ControlParts, events: ControlEvents): Hono {
  const routes = new Hono();
  routes.get("/events", (context) =>
    streamSSE(context, async (sse) => {
      const stop = events.subscribe((event) => {
        sse.writeSSE({ data: JSON.stringify(event) }).catch(() => undefined);
      });
      await sse.writeSSE({ data: JSON.stringify({ kind: "hello" }) });
      await aborted(sse, stop);
    }),
  );
  routes.get("/clock", (context) => {
    context.header("content-type", "application/x-ndjson");
    return stream(context, async (lines) => {
      const write = (offsetMs: number) => lines.write(`${JSON.stringify({ offsetMs })}\n`);
      const stop = shared.clock.onChange((offsetMs) => {
        write(offsetMs).catch(() => undefined);
      });
      await write(shared.clock.offsetMs());
      await aborted(lines, stop);
    });
  });
  return routes;
}

function aborted(connection: { onAbort(listener: () => void): void }, stop: () => void): Promise<void> {
  return new Promise((resolve) => {
    connection.onAbort(() => {
      stop();
      resolve();
    });
  });
}
