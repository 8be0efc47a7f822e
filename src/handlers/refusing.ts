// A no that is decided before the store is asked to change anything: it is kept in the audit like every other.
import { type Refusal, refuse } from "../domain/refusal.ts";
import type { HandlerTools } from "./tools.ts";

type Attempt = {
  actor: string;
  action: string;
  exposureId?: string | undefined;
  details?: Record<string, unknown>;
};

export async function refused(
  tools: Pick<HandlerTools, "audit" | "now">,
  { actor, action, exposureId, details }: Attempt,
  refusal: Refusal,
): Promise<{ ok: false } & Refusal> {
  const outcome = refusal.because;
  await tools.audit([
    {
      at: tools.now(),
      actor,
      action,
      exposureId: exposureId ?? null,
      outcome,
      details: { ...refusal, ...details },
    },
  ]);
  return refuse(refusal);
}
