// Visits from outside, and what they prove: the gate before the route, the gate after it, and that all is closed.
import { mayCarry } from "../domain/holes.ts";
import { type Observed, tunnelAddress, type VisitVerdict } from "../domain/observed.ts";
import type { Target } from "../domain/plan.ts";
import type { EdgeTools, One } from "./edge-pass.ts";

/** `observed` is null where nobody looked just now. */
export async function proveGate(tools: EdgeTools, target: Target, observed: Observed | null): Promise<One> {
  const { aud, gateProofs } = target.progress;
  const verdict = await tools.visitor.visit({ hostname: target.hostname, aud: aud ?? "" });
  if (verdict.kind === "reached" && observed && mayBeOurs(verdict.status, target, observed))
    return { kind: "reached", status: verdict.status };
  if (verdict.kind !== "stopped")
    return { kind: "wait", waiting: unproved(verdict), afterMs: null, progress: { gateProofs: 0 } };
  const proofs = gateProofs + 1;
  if (proofs >= tools.proof.visits)
    return { kind: "done", progress: { gateProofs: proofs }, step: "gate-proved" };
  return { kind: "wait", waiting: null, afterMs: tools.proof.intervalMs, progress: { gateProofs: proofs } };
}

/** Before the route, whoever answers is somebody else: where the zone's wildcard record or a resolver's memory still leads,
 *  or an edge in trouble. Not where a route of ours was in, and a connector may not have let go of it. */
function mayBeOurs(status: number, { hostname, progress }: Target, observed: Observed): boolean {
  const { routedVersion, unroutedVersion } = progress;
  const out = routedVersion === null ? (unroutedVersion ?? -1) : observed.config.version;
  return status < 500 && mayCarry(observed, hostname, out);
}

function unproved(verdict: Exclude<VisitVerdict, { kind: "stopped" }>): string {
  if (verdict.kind === "not-routed")
    return "Access does not stop visitors at this hostname yet; Cloudflare is still spreading the change. Nothing is routed.";
  if (verdict.kind === "reached")
    return `Something else still answers at this hostname (status ${verdict.status}). Nothing is routed. If that goes on, look for a wildcard record, a worker or a cache in front of it.`;
  return `The visit from outside proved nothing yet (${verdict.because}). Nothing is routed.`;
}

export async function proveOpen(tools: EdgeTools, target: Target): Promise<One> {
  const verdict = await tools.visitor.visit({ hostname: target.hostname, aud: target.progress.aud ?? "" });
  if (verdict.kind === "stopped") return { kind: "done", step: "seen-open" };
  if (verdict.kind === "reached") return { kind: "reached", status: verdict.status };
  const why = verdict.kind === "inconclusive" ? verdict.because : "the tunnel does not know the hostname yet";
  return {
    kind: "wait",
    waiting: `The route is in; the last visit from outside proved nothing yet (${why}).`,
    afterMs: null,
  };
}

export async function proveClosed(tools: EdgeTools, target: Target, observed: Observed): Promise<One> {
  const { hostname, progress } = target;
  const verdict = await tools.visitor.visit({ hostname, aud: progress.aud ?? "" });
  if (verdict.kind !== "reached") return { kind: "done", step: "seen-closed" };
  if (!mayCarry(observed, hostname) && (await leadsElsewhere(tools, hostname, observed.tunnel.id)))
    return { kind: "done", step: "answered-elsewhere" };
  return {
    kind: "wait",
    waiting: `The hostname still answers (status ${verdict.status}) though route, record and application are gone.`,
    afterMs: null,
  };
}

const MOST_ALIASES = 5;

/** Whether somebody's record, such as a wildcard of the zone, leads the name to something that is not the tunnel. A CNAME is
 *  followed within the zone. Without a record, nobody knows where an answer came from. */
async function leadsElsewhere(
  { dns, zones }: EdgeTools,
  hostname: string,
  tunnelId: string,
): Promise<boolean> {
  const zoneId = await zones.idFor(hostname);
  const zone = hostname.slice(hostname.indexOf("."));
  for (let name = hostname, aliases = 0; aliases < MOST_ALIASES; aliases++) {
    const [record] = await dns.answering(name, zoneId);
    const content = record?.content.toLowerCase() ?? tunnelAddress(tunnelId);
    if (content === tunnelAddress(tunnelId)) return false;
    if (record?.type !== "CNAME" || !`.${content}`.endsWith(zone)) return true;
    name = content;
  }
  return false;
}
