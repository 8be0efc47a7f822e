// Why something could not be done, in words for people: what happened and what to do next.
import type { Obstacle } from "../domain/obstacle.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { ServiceChange } from "../domain/service.ts";
import { type Anyone, isCondition } from "../domain/weakness.ts";
import { isServiceFailure } from "../services/failure.ts";
import { CONDITION_WORDS } from "../views/condition-words.ts";
import { PUBLIC_LOGIN_WORDS } from "../views/public-login-words.ts";
import { duration } from "../views/time-words.ts";

export function obstacleReason(because: Obstacle): string {
  switch (because.obstacle) {
    case "tunnel-local":
      return "The tunnel is configured by a local file, which Drawbridge does not change. Move it to remote management first.";
    case "tunnel-gone":
      return "The tunnel was deleted at Cloudflare. Give the policy another tunnel first.";
    case "all-gone":
      return "Its Access application, its DNS record and its route were taken away by hand, or it was closed after the backup that Drawbridge's store was restored to.";
    case "another-application":
      return `The Access application "${because.name}" also answers for ${because.destination} and would decide before ours. Remove it or choose another hostname.`;
    case "hostname-routed":
      return `The tunnel already leads this hostname to ${because.service} by a route that Drawbridge did not make. Remove that route or choose another hostname.`;
    case "audience-open":
      return `An Access group of this audience now lets ${anyoneWords(because.to)}. Narrow the group, or ask for another audience.`;
    case "service-changed":
      return serviceReason(because.change);
    case "record-taken":
      return `A DNS record that Drawbridge did not make stands at this hostname (${because.content}). Remove it or choose another hostname.`;
  }
}

/** After "lets". */
function anyoneWords(to: Anyone): string {
  if (to === "everyone") return "everyone in";
  return `in ${isCondition(to) ? CONDITION_WORDS[to] : `anyone with ${PUBLIC_LOGIN_WORDS[to]}`}`;
}

const SERVICE_CHANGES: Record<ServiceChange, string> = {
  gone: "There is no such Cloud Run service any more: it was deleted or renamed.",
  "ingress-none": "The Cloud Run service takes no requests any more: its ingress is none.",
  "url-disabled": "The Cloud Run service's run.app address was turned off, and the route leads there.",
  "no-url": "The Cloud Run service has no address any more.",
  moved: "The Cloud Run service answers at another address than the one that was approved.",
  public:
    "Since it was approved, the Cloud Run service was made public: anybody reaches its run.app address without passing Access. Set its ingress to internal first.",
};

export function serviceReason(change: ServiceChange): string {
  return SERVICE_CHANGES[change];
}

export function strangerReason(status: number): string {
  return `A visit from outside without a log-in got through (status ${status}). The route was taken out at once. Look for another Access application, a worker or a cache in front of this hostname before you ask again.`;
}

/** A fault in plain words. What is not a vendor's fault is ours, and says no more than that. */
export function faultReason(error: unknown): string {
  return isServiceFailure(error)
    ? error.message
    : "Drawbridge met an unexpected fault. Its log has the details.";
}

/** What the audit keeps of a fault: whose it was and what was tried, never a vendor's whole answer. */
export function faultFacts(error: unknown): Record<string, unknown> {
  if (!isServiceFailure(error)) return { vendor: null, kind: "unexpected" };
  const { vendor, operation, kind, status, code } = error;
  return { vendor, operation, kind, status, code };
}

/** Of what was approved before the policy was changed. */
export function forbiddenReason(refusal: Refusal): string {
  const now =
    refusal.because === "over-maximum"
      ? `it allows ${duration(refusal.maxMinutes)} at the most`
      : `it no longer allows this ${refusal.because === "policy-forbids" ? refusal.what : "request"}`;
  return `The policy was changed after this was approved: ${now}. Ask anew for what it allows now.`;
}
