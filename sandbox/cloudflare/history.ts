// What happened to each hostname, in plain words and in order. Stories read it, so the wording is part of the interface.
import type { EdgeEvent, SandboxClock } from "../contract.ts";

export type What =
  | "access application created"
  | "access application changed"
  | "access application removed"
  | "tokens revoked"
  | "dns record created"
  | "dns record changed"
  | "dns record removed"
  | "route added"
  | "route changed"
  | "route removed"
  | "hole opened"
  | "hole closed"
  | "no such host"
  | "tunnel down"
  | `${"stranger" | "employee"} ${Encounter}`;

export type Encounter =
  | "stopped by Access"
  | "refused by Access"
  | "stopped by cloudflared"
  | "met the catch-all"
  | "reached the service"
  | "answered elsewhere";

export type History = {
  record(hostname: string, what: What, detail?: string): EdgeEvent;
  /** With what happened to wildcards above the hostname. */
  of(hostname: string): EdgeEvent[];
  onChange(listener: (change: { kind: string; hostname?: string }) => void): () => void;
  tell(change: { kind: string; hostname?: string }): void;
};

export function createHistory(clock: SandboxClock): History {
  const events: EdgeEvent[] = [];
  const listeners = new Set<(change: { kind: string; hostname?: string }) => void>();
  const tell: History["tell"] = (change) => {
    for (const listener of listeners) listener(change);
  };
  return {
    tell,
    record(hostname, what, detail) {
      const event = { at: clock.now().toISOString(), hostname, what, ...(detail ? { detail } : {}) };
      events.push(event);
      tell({ kind: what, hostname });
      return event;
    },
    of: (hostname) => events.filter((event) => concerns(event.hostname, hostname.toLowerCase())),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function concerns(named: string, hostname: string): boolean {
  return named === hostname || (named.startsWith("*.") && hostname.endsWith(named.slice(1)));
}
