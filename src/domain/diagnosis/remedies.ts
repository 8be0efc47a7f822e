// What to do about each cause: the exact setting, where it lives, and the page of the runbook.
import type { Cause } from "./facts.ts";

export type RemedyFacts = {
  /** The connections work over HTTP/2, after minutes of waiting for QUIC. */
  coping: boolean;
  services: string[];
};

const REMEDIES: Record<Cause, string> = {
  "token-malformed":
    "Put the raw tunnel token, with no quotes or spaces around it, into a new version of the secret in Secret Manager, and let the worker pool's environment variable TUNNEL_TOKEN take that version; a token read from a file must be readable by user 65532 at the path in TUNNEL_TOKEN_FILE. Then deploy a new revision.",
  "bad-flags":
    "Correct the worker pool's container args: use just `tunnel run` and set the rest as environment variables (TUNNEL_TRANSPORT_PROTOCOL, TUNNEL_METRICS, TUNNEL_LOG_OUTPUT, TUNNEL_GRACE_PERIOD). As flags, --metrics, --output, --loglevel and --grace-period stand between `tunnel` and `run`, --protocol and --token after `run`. A metrics port that is taken needs another port in TUNNEL_METRICS.",
  "fd-limit":
    "cloudflared ran out of file descriptors. Raise the number of instances of the worker pool (scaling.manualInstanceCount), restart the connector, and look for clients that keep connections open for ever; outside Cloud Run raise LimitNOFILE of the service unit or ulimit -n.",
  "edge-dns":
    "Let the worker pool resolve Cloudflare's names: check the Cloud DNS zones and server policies of the VPC in template.vpcAccess, remove a private zone that shadows argotunnel.com, and allow egress TCP 853 to 1.1.1.1 as the fallback. With vpcAccess.egress at all-traffic and no Cloud NAT that fallback fails too: set private-ranges-only or configure Cloud NAT.",
  "token-rejected":
    "Cloudflare refuses the token. Fetch the tunnel's current token (dashboard: Networks, Tunnels, the tunnel, or the API's tunnel token call), add it as a new version of the secret in Secret Manager, point the worker pool's TUNNEL_TOKEN at that version and deploy a new revision. If the tunnel was deleted or belongs to another account, use the token of the right tunnel. A tunnel made within the last minute only needs a moment.",
  "edge-ipv6":
    "Set the environment variable TUNNEL_EDGE_IP_VERSION=4 on the worker pool's cloudflared container: the network has no IPv6 route to Cloudflare's edge.",
  "tcp-7844-blocked":
    "Route only private ranges through the VPC: set the worker pool's template.vpcAccess.egress to private-ranges-only (annotation run.googleapis.com/vpc-access-egress: private-ranges-only), with a private DNS zone that resolves run.app to private.googleapis.com. If all traffic must pass through the VPC, configure Cloud NAT on its subnet instead. An egress firewall must allow TCP 7844 to region1.v2.argotunnel.com and region2.v2.argotunnel.com. Where it worked until then and nothing of this was changed, look at https://www.cloudflarestatus.com first.",
  "liveness-loop":
    "Give the worker pool's livenessProbe more patience than cloudflared needs to connect: probe /ready only with a budget of 5 minutes while QUIC may fall back (failureThreshold times periodSeconds, plus a startupProbe), or probe /healthcheck and alert on /ready from outside. The probe's port must be the one in TUNNEL_METRICS. Also set TUNNEL_TRANSPORT_PROTOCOL=http2 (flag: --protocol http2), which connects in seconds.",
  "quic-rejected":
    "Something on the way answers QUIC and refuses it. Set TUNNEL_TRANSPORT_PROTOCOL=http2 on the worker pool's cloudflared container (flag: `tunnel run --protocol http2`), or take cloudflared's UDP 7844 out of the inspecting proxy or firewall.",
  "quic-blocked":
    "Set TUNNEL_TRANSPORT_PROTOCOL=http2 on the worker pool's cloudflared container (flag: `tunnel run --protocol http2`): UDP port 7844 does not get through, as is known of Cloud Run. Where QUIC is wanted, allow egress UDP 7844 in the network's firewall. The warning about the UDP receive buffer is not the cause.",
  "quic-flap":
    "Set TUNNEL_TRANSPORT_PROTOCOL=http2 on the worker pool's cloudflared container (flag: `tunnel run --protocol http2`): QUIC connects and is cut again, and cloudflared does not fall back by itself once QUIC has worked. Check that CPU is always allocated (resources.limits.cpu) and that UDP idle timeouts and MTU on the way allow it.",
  "h2-flap":
    "Look at https://www.cloudflarestatus.com for the edge locations in the evidence first. If nothing is reported there, run at least two instances of the worker pool (scaling.manualInstanceCount) and, with Cloud NAT, raise its minimum ports per VM and TCP idle timeouts.",
  outage:
    "No connection of this connector is up. Restart the worker pool with a new revision, check https://www.cloudflarestatus.com, and check that the worker pool's template.vpcAccess.egress still lets TCP 7844 out.",
  "few-addresses":
    "cloudflared found fewer of Cloudflare's addresses than it makes connections, so it makes fewer; visitors are still served. Let the worker pool's resolver answer region1.v2.argotunnel.com and region2.v2.argotunnel.com in full: look for a DNS proxy that trims its answers among the Cloud DNS server policies and forwarding zones of the VPC in template.vpcAccess. Then deploy a new revision of the worker pool: addresses are resolved at the start only.",
  degraded:
    "Only some of the connections are up; visitors are still served. Allow TCP 7844 to both region1.v2.argotunnel.com and region2.v2.argotunnel.com in the VPC's egress firewall, then deploy a new revision of the worker pool if the connections do not return.",
  "origin-dns":
    "Make the service's name resolve inside the VPC: in Cloud DNS, attach a private zone run.app. to the worker pool's network with A records 199.36.153.8 to 199.36.153.11 (private.googleapis.com) and a CNAME *.run.app. to it, and check the host in the route's service for a misspelling.",
  "origin-unreachable":
    "Give the worker pool a way to the service: turn on Private Google Access for the subnet in template.vpcAccess.networkInterfaces, keep vpcAccess.egress at private-ranges-only and let the private DNS zone run.app. answer with 199.36.153.8/30. For other targets check the VPC's firewall and routes, and that the service is up.",
  "origin-refused":
    "Nothing listens at the address in the route's service. Correct host and port there: a Cloud Run service is https://<service>.run.app with no port, and localhost means cloudflared's own container. If the address is right, start the service.",
  "origin-tls":
    "Make the route's certificate check fit the service: in the route's originRequest set originServerName to the name in the certificate (for Cloud Run the service's run.app host), and use https:// only where the service speaks TLS. Avoid noTLSVerify except for a self-signed service of your own.",
  "origin-host":
    "Set the route's originRequest.httpHostHeader to the service's run.app host (dashboard: Published application routes, HTTP Settings, HTTP Host Header): Google's front end picks the service by Host and answers its own 404 for any other.",
  "origin-not-found":
    "Google's front end answers 404 where internal ingress refuses what came over the internet. Let the request stay inside the VPC: attach a private zone run.app. that answers with 199.36.153.8/30 to the worker pool's network, turn on Private Google Access for its subnet and keep template.vpcAccess.egress at private-ranges-only. The same page answers for a service that was deleted, takes no traffic (ingress none) or has its run.app address switched off. The route's httpHostHeader is set by Drawbridge, which puts back within a minute what others change in it.",
  "origin-iam":
    "The Cloud Run service checks callers with IAM, and cloudflared sends no identity token. Keep ingress at internal and turn the service's invoker check off (`gcloud run services update SERVICE --no-invoker-iam-check`), or put a proxy beside cloudflared that adds an ID token of a service account with roles/run.invoker.",
  "replica-mismatch":
    "Connectors that do not belong together use one tunnel's token, so some requests take a way that cannot reach the service. List them (`cloudflared tunnel info TUNNEL`, or Networks, Tunnels in the dashboard), stop the foreign one, and rotate the tunnel's token if nobody knows it. Use one tunnel for each network.",
  "bad-config":
    "This cloudflared cannot read the tunnel's newest configuration and keeps the one before. Undo the last change to the tunnel's routes (dashboard: Published application routes), or raise the image tag of the worker pool's cloudflared container.",
  "old-version":
    "Raise the pinned image tag of the worker pool's cloudflared container (template.containers[].image) to a release of the last twelve months; do not use :latest.",
  "same-colo":
    "Nothing is broken. All connections of this connector end in one city; for more resilience run a second worker pool in another region with the same tunnel and network.",
};

const STUCK =
  "The tunnel works over HTTP/2 after its fallback, but every start waits minutes for QUIC first, and QUIC is not tried again. ";

export function remedyFor(cause: Cause, { coping, services }: RemedyFacts): string {
  const stuck = coping && (cause === "quic-blocked" || cause === "quic-rejected") ? STUCK : "";
  const named = services.filter((service) => service !== "").slice(0, 5);
  const about = named.length > 0 ? ` Concerns: ${named.join(", ")}.` : "";
  return `${stuck}${REMEDIES[cause]}${about} Runbook: ${runbookPage(cause)}`;
}

export function runbookPage(cause: Cause): string {
  return `docs/runbook/${cause}.md`;
}
