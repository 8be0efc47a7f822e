// What each cause is called when people read of it.
import type { Cause } from "../domain/diagnosis/facts.ts";

const WORDS: Record<Cause, string> = {
  "token-malformed": "cloudflared was given something that is no tunnel token",
  "bad-flags": "cloudflared was started with flags that it does not take",
  "fd-limit": "cloudflared ran out of file descriptors",
  "edge-dns": "Cloudflare's names do not resolve where cloudflared runs",
  "token-rejected": "Cloudflare refuses the tunnel's token",
  "edge-ipv6": "cloudflared tries IPv6, and the network has no IPv6 route",
  "tcp-7844-blocked": "TCP port 7844 to Cloudflare is blocked",
  "liveness-loop": "the liveness probe restarts cloudflared before it is ready",
  "quic-rejected": "something on the way refuses QUIC",
  "quic-blocked": "UDP port 7844 to Cloudflare is blocked, so QUIC cannot connect",
  "quic-flap": "QUIC connections are cut again and again",
  "h2-flap": "connections to Cloudflare are lost again and again",
  outage: "no connection to Cloudflare is up, and no log says why",
  "few-addresses": "cloudflared finds fewer of Cloudflare's addresses than it makes connections",
  degraded: "connections to Cloudflare are missing, and no log says why",
  "origin-dns": "the service's name does not resolve where cloudflared runs",
  "origin-tls": "the TLS certificate of the service does not fit",
  "origin-refused": "nothing listens at the service's address",
  "origin-unreachable": "the service cannot be reached from where cloudflared runs",
  "origin-host": "the service gets a Host header that Google does not know",
  "origin-not-found": "Google answers 404: internal ingress refused the request, or the service is gone",
  "origin-iam": "Cloud Run asks for an IAM token that cloudflared does not send",
  "replica-mismatch": "connectors that do not belong together use this tunnel's token",
  "bad-config": "cloudflared cannot read the tunnel's newest configuration",
  "old-version": "this version of cloudflared is no longer supported",
  "same-colo": "all connections end in one city",
};

export function causeWords(cause: Cause): string {
  return WORDS[cause];
}
