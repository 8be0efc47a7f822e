// Each call to a vendor is told to whoever counts them: what was called, how it ended, how long it took.
import { isServiceFailure } from "./failure.ts";

export type ApiCall = {
  vendor: "slack" | "cloudflare" | "google" | "edge";
  operation: string;
  /** `ok`, the kind of the failure, or what a visit showed. */
  outcome: string;
  ms: number;
};

export type Observe = (call: ApiCall) => void;

export async function observed<T>(
  observe: Observe | undefined,
  what: Pick<ApiCall, "vendor" | "operation">,
  call: () => Promise<T>,
  outcomeOf: (answer: T) => string = () => "ok",
): Promise<T> {
  const began = performance.now();
  const tell = (outcome: string) => observe?.({ ...what, outcome, ms: performance.now() - began });
  try {
    const answer = await call();
    tell(outcomeOf(answer));
    return answer;
  } catch (error) {
    tell(isServiceFailure(error) ? error.kind : "fault");
    throw error;
  }
}
