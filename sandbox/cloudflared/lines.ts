// Every line that the stand-in can print, in cloudflared's words. `coverage.ts` says where each stands in its source.
import type { OriginFault } from "../cloudflare/network.ts";
import type { Level, Line } from "./log.ts";
import type { Protocol } from "./wire.ts";

/** One of the tunnel's connections and the edge address it tries. */
export type At = { index: number; ip: string };

function line(level: Level, message: string, fields?: Record<string, unknown>): Line {
  return { level, message, fields };
}

function on({ index, ip }: At): Record<string, unknown> {
  return { connIndex: index, event: 0, ip };
}

/** The same message is an error while nothing else is up, and a warning otherwise. */
function aware(active: number): Level {
  return active === 0 ? "error" : "warn";
}

const SRV = "_v2-origintunneld._tcp.argotunnel.com";
const NO_SUCH_HOST = "on 169.254.169.254:53: no such host";
const PORTS =
  "https://developers.cloudflare.com/cloudflare-one/connections/connect-apps/configuration/ports-and-ips/";

export const BOOT_LINES = {
  start: (tunnelID: string) => line("info", "Starting tunnel", { tunnelID }),
  version: (version: string, checksum: string) => line("info", `Version ${version} (Checksum ${checksum})`),
  settings: (flags: Record<string, string>) => {
    const pairs = Object.keys(flags).sort();
    return line("info", `Settings: map[${pairs.map((flag) => `${flag}:${flags[flag]}`).join(" ")}]`);
  },
  "connector-id": (id: string) => line("info", `Generated Connector ID: ${id}`),
  "initial-protocol": (protocol: Protocol) => line("info", `Initial protocol ${protocol}`),
  "icmp-gid": () =>
    line(
      "warn",
      "The user running cloudflared process has a GID (group ID) that is not within ping_group_range. You might need to add that user to a group within that range, or instead update the range to encompass a group the user is already in by modifying /proc/sys/net/ipv4/ping_group_range. Otherwise cloudflared will not be able to ping this network",
      { error: "Group ID 65532 is not between ping group 1 to 0" },
    ),
  "icmp-off": () =>
    line("warn", "ICMP proxy feature is disabled", {
      error:
        "cannot create ICMPv4 proxy: Group ID 65532 is not between ping group 1 to 0 nor ICMPv6 proxy: socket: permission denied",
    }),
  precheck: (row: { component: string; details: string; run_id: string; status: string; target: string }) =>
    line("info", "precheck", row),
  "precheck-complete": (verdict: { hard_fail: boolean; run_id: string; suggested_protocol?: Protocol }) =>
    line("info", "precheck complete", verdict),
  "udp-buffer": (at: Date): Line => ({
    text: `${at.toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ")} failed to sufficiently increase receive buffer size (was: 208 kiB, wanted: 7168 kiB, got: 416 kiB). See https://github.com/quic-go/quic-go/wiki/UDP-Buffer-Sizes for details.`,
  }),
  features: () =>
    line("error", "Failed to fetch features, default to disable", {
      error: `lookup cfd-features.argotunnel.com ${NO_SUCH_HOST}`,
    }),
  percentage: () => line("warn", "Unable to lookup protocol percentage."),
  "edge-dns": () =>
    line("error", "edge discovery: error looking up Cloudflare edge IPs: the DNS query failed", {
      error: `lookup ${SRV} ${NO_SUCH_HOST}`,
      event: 0,
    }),
  "edge-dns-help": (text: string) => line("error", text),
  "edge-dns-exit": () => line("error", "Initiating shutdown", { error: dnsError() }),
  "edge-dns-last-words": (): Line => ({ text: dnsError() }),
  "metrics-port": (address: string) =>
    line("error", "Error opening metrics server listener", {
      error: `failed to bind to address (${address}): listen tcp ${address}: bind: address already in use`,
    }),
  "bad-token": (): Line => ({
    text: "Provided Tunnel token is not valid.\nSee 'cloudflared tunnel run --help'.",
  }),
  "token-file": (why: string): Line => ({
    text: `Failed to read token file: ${why}\nSee 'cloudflared tunnel run --help'.`,
  }),
  "no-token": (): Line => ({
    text: "\"cloudflared tunnel run\" requires the ID or name of the tunnel to run as the last command line argument or in the configuration file.\nSee 'cloudflared tunnel run --help'.",
  }),
  "bad-flag-pos": (flag: string): Line => ({
    text: `Incorrect Usage: flag provided but not defined: -${flag}\n`,
    to: "stdout",
  }),
};

function dnsError(): string {
  return `Could not lookup srv records on ${SRV}: lookup ${SRV} ${NO_SUCH_HOST}`;
}

export const EDGE_LINES = {
  registered: (at: At, connection: string, location: string, protocol: Protocol) =>
    line("info", "Registered tunnel connection", { ...on(at), connection, location, protocol }),
  "quic-dial": (at: At, active: number) =>
    line(aware(active), "Failed to dial a quic connection", { ...on(at), error: dialError("quic", at.ip) }),
  "h2-dial": (at: At, active: number) =>
    line(aware(active), "Unable to establish connection with Cloudflare edge", {
      ...on(at),
      error: dialError("http2", at.ip),
    }),
  serve: (at: At, active: number, error: string) =>
    line(aware(active), "Serve tunnel error", { ...on(at), error }),
  "quic-hint": (at: At) =>
    line(
      "warn",
      `If this log occurs persistently, and cloudflared is unable to connect to Cloudflare Network with \`quic\` protocol, then most likely your machine/network is getting its egress UDP to port 7844 (or others) blocked or dropped. Make sure to allow egress connectivity as per ${PORTS}\nIf you are using private routing to this Tunnel, then ICMP, UDP (and Private DNS Resolution) will not work unless your cloudflared can connect with Cloudflare Network with \`quic\`.`,
      on(at),
    ),
  fallback: (at: At) => line("info", "Switching to fallback protocol http2", on(at)),
  "quic-accept": (at: At) =>
    line("error", "failed to accept incoming stream requests", {
      ...on(at),
      error: "failed to accept QUIC stream: timeout: no recent network activity",
    }),
  "quic-datagram": (at: At) =>
    line("error", "failed to run the datagram handler", { ...on(at), error: "context canceled" }),
  "quic-control": (at: At, error: string) =>
    line("error", "failed to serve the control stream", { ...on(at), error }),
  "quic-serve": (at: At, active: number, error: string) =>
    line(aware(active), "failed to serve tunnel connection", { ...on(at), error }),
  "h2-lost": ({ index }: At) => line("info", "Lost connection with the edge", { connIndex: index }),
  "h2-serve-req": (error: string) => line("error", "failed to serve incoming request", { error }),
  "h2-register": (at: At, active: number, error: string) =>
    line(aware(active), "Register tunnel error from server side", { ...on(at), error }),
  retrying: (at: At, upTo: string) => line("info", `Retrying connection in up to ${upTo}`, on(at)),
  terminated: ({ index }: At, active: number, error?: string) =>
    line(aware(active), "Connection terminated", { connIndex: index, ...(error ? { error } : {}) }),
  unregistered: (at: At) => line("info", "Unregistered tunnel connection", on(at)),
  "config-updated": (version: number, config: unknown) =>
    line("info", "Updated to new configuration", { config: JSON.stringify(config), version }),
  "config-refused": (version: number, config: unknown, error: string) =>
    line("error", "Failed to update ingress", { config: JSON.stringify(config), error, version }),
  sigterm: () => line("info", "Initiating graceful shutdown due to signal terminated ..."),
  "no-more": () => line("error", "no more connections active and exiting"),
  "server-stopped": () => line("info", "Tunnel server stopped"),
  "metrics-stopped": () => line("info", "Metrics server stopped"),
};

export function dialError(protocol: Protocol, ip: string): string {
  if (protocol === "quic") return "failed to dial to edge with quic: timeout: no recent network activity";
  return `DialContext error: dial tcp ${ip}:7844: i/o timeout`;
}

const UNREACHABLE =
  "Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: ";

export const ORIGIN_LINES = {
  origin: (index: number, rule: number, originService: string, error: string) =>
    line("error", "", { connIndex: index, error, event: 1, ingressRule: rule, originService }),
  "origin-quic-echo": (at: At, dest: string, error: string) =>
    line("error", "Request failed", { ...on(at), dest, error, type: "http" }),
};

export function originError(fault: OriginFault, service: string): string {
  const { hostname } = new URL(service);
  const why: Record<OriginFault, string> = {
    dns: `dial tcp: lookup ${hostname} ${NO_SUCH_HOST}`,
    timeout: "dial tcp 199.36.153.8:443: i/o timeout",
    refused: "dial tcp 199.36.153.8:443: connect: connection refused",
    tls: `tls: failed to verify certificate: x509: certificate is valid for *.a.run.app, not ${hostname}`,
  };
  return UNREACHABLE + why[fault];
}

export const EDGE_DNS_HELP = [
  "Please try the following things to diagnose this issue:",
  '  1. ensure that argotunnel.com is returning "origintunneld" service records.',
  `     Run your system's equivalent of: dig srv ${SRV}`,
  "  2. ensure that your DNS resolver is not returning compressed SRV records.",
  "     See GitHub issue https://github.com/golang/go/issues/27546",
  "     For example, you could use Cloudflare's 1.1.1.1 as your resolver:",
  "     https://developers.cloudflare.com/1.1.1.1/setting-up-1.1.1.1/",
];
