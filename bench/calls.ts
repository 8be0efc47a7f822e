// What the bot asked of Cloudflare, read from the sandbox's journal, and how much of it had to wait for one another.
import type { JournalEntry } from "../sandbox/contract.ts";
import type { Sandbox } from "../sandbox/start.ts";

export type Call = { kind: "call" | "connectors" | "visit"; name: string; beganAt: number; endedAt: number };

/** For the card alone: nothing waits for them. */
const ASIDE = /\/access\/logs\//;

/** Collects until `stop`, which answers with the calls in the order in which they ended. */
export function watchCalls({ shared }: Sandbox): { stop(): Call[] } {
  const calls: Call[] = [];
  const stopWatching = shared.journal.onWrite((entry) => {
    if (entry.vendor !== "cloudflare" && entry.vendor !== "edge") return;
    if (ASIDE.test(entry.path)) return;
    const endedAt = shared.clock.now().getTime();
    calls.push({ kind: kindOf(entry), name: nameOf(entry), beganAt: Date.parse(entry.at), endedAt });
  });
  return {
    stop() {
      stopWatching();
      return calls;
    },
  };
}

/**
 * The longest row of calls of which each began only after the one before it had ended. Calls side by side overlap, so
 * taking again and again the one that ends first finds it.
 */
export function longestChain(calls: Call[]): Call[] {
  const chain: Call[] = [];
  for (const call of [...calls].sort((a, b) => a.endedAt - b.endedAt)) {
    const last = chain.at(-1);
    if (!last || call.beganAt >= last.endedAt) chain.push(call);
  }
  return chain;
}

function kindOf({ vendor, path }: JournalEntry): Call["kind"] {
  if (vendor === "edge") return "visit";
  return path.endsWith("/connections") ? "connectors" : "call";
}

/** Without the ids. */
function nameOf({ method, path }: JournalEntry): string {
  const below = path.replace(/^.*\/client\/v4/, "").replace(/\/[0-9a-f]{8}-?[0-9a-f-]{23,}/g, "/…");
  return `${method} ${below}`;
}
