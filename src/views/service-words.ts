// What Cloud Run says of a service, in words, and what an approver must not overlook.
import { type CloudRunService, type Ingress, type Invoker, isPublic } from "../domain/service.ts";
import { plain } from "./plain-text.ts";

export const INGRESS_WORDS: Record<Ingress, string> = {
  all: "all (the internet reaches its run.app address)",
  internal: "internal",
  "internal-and-load-balancing": "internal and load balancing",
  none: "none (it takes no requests)",
};

export const INVOKER_WORDS: Record<Invoker, string> = {
  "check-off": "off (requests need no identity token)",
  everyone: "on, but everybody holds the invoker role, so it lets any request in",
  "signed-only": "on (requests need an identity token)",
  iap: "Identity-Aware Proxy (it asks each visitor for a Google log-in of its own)",
  unknown: "not known (the bot may not read the service's policy)",
};

/** The service is open to the world at its own address, whatever Access says; null where it is not. */
export function publicWarning(service: CloudRunService): string | null {
  if (!isPublic(service)) return null;
  const address = plain(service.url ?? "its run.app address", 120);
  // The form has little room: what may be cut of a long address comes last.
  return `This service is public: set its ingress to internal. Without passing Access, anybody on the internet reaches it at ${address}`;
}

/** Everything worth a warning, the gravest first. */
export function serviceWarnings(service: CloudRunService): string[] {
  const open = publicWarning(service);
  return [
    ...(open ? [open] : []),
    ...(service.invoker === "signed-only"
      ? [
          "The invoker IAM check is on, and cloudflared cannot sign requests: Cloud Run will refuse every visitor. Turn the check off for this service.",
        ]
      : []),
    ...(service.invoker === "iap"
      ? [
          "Identity-Aware Proxy stands before it: whoever passed Access is sent to Google's log-in, and from there to the run.app address. Turn it off for this service; Access asks who they are.",
        ]
      : []),
    ...(service.ingress === "none" ? ["Its ingress is none, so no request will reach it."] : []),
    ...(service.defaultUrlDisabled ? ["Its run.app address is turned off, and the route leads there."] : []),
  ];
}
