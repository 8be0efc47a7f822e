// Visits from outside, and what they prove: the gate before the route, the gate after it, and that all is closed.
import type { VisitVerdict } from "../domain/observed.ts";
import type { Target } from "../domain/plan.ts";
import type { EdgeTools, One } from "./edge-pass.ts";

export async function proveGate(tools: EdgeTools, target: Target): Promise<One> {
  const { aud, gateProofs } = target.progress;
  const verdict = await tools.visitor.visit({ hostname: target.hostname, aud: aud ?? "" });
  // Nothing is routed yet: an edge in trouble may answer 5xx once, and no service of ours can have.
  if (verdict.kind === "reached" && verdict.status < 500) return { kind: "reached", status: verdict.status };
  if (verdict.kind !== "stopped")
    return { kind: "wait", waiting: unproved(verdict), afterMs: null, progress: { gateProofs: 0 } };
  const proofs = gateProofs + 1;
  if (proofs >= tools.proof.visits)
    return { kind: "done", progress: { gateProofs: proofs }, step: "gate-proved" };
  return { kind: "wait", waiting: null, afterMs: tools.proof.intervalMs, progress: { gateProofs: proofs } };
}

function unproved(verdict: Exclude<VisitVerdict, { kind: "stopped" }>): string {
  if (verdict.kind === "not-routed")
    return "Access does not stop visitors at this hostname yet; Cloudflare is still spreading the change. Nothing is routed.";
  const why = verdict.kind === "reached" ? `it was answered with status ${verdict.status}` : verdict.because;
  return `The visit from outside proved nothing yet (${why}). Nothing is routed.`;
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

export async function proveClosed(tools: EdgeTools, target: Target): Promise<One> {
  const verdict = await tools.visitor.visit({ hostname: target.hostname, aud: target.progress.aud ?? "" });
  if (verdict.kind !== "reached") return { kind: "done", step: "seen-closed" };
  return {
    kind: "wait",
    waiting: `The hostname still answers (status ${verdict.status}) though route, record and application are gone.`,
    afterMs: null,
  };
}
