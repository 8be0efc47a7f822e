// Logs of connectors that cannot reach Cloudflare, or not for long, and what is to be found in each.
import type { Severity } from "../../src/domain/diagnosis/facts.ts";
import {
  allUp,
  boot,
  h2Lost,
  type Line,
  line,
  plain,
  quicDial,
  quicLost,
  retry,
  tcpDial,
  up,
} from "./diagnosis-scripts.ts";

const EDGE = { connIndex: 0, event: 0, ip: "198.51.100.17" };

function precheck(seconds: number, component: string, status: string): Line {
  return line(seconds, "info", "precheck", {
    component,
    status,
    details: "x",
    run_id: "r",
    target: "region1.v2.argotunnel.com",
  });
}

function verdict(seconds: number, hard: boolean, suggested?: string): Line {
  const suggestion = suggested ? { suggested_protocol: suggested } : {};
  return line(seconds, "info", "precheck complete", { hard_fail: hard, run_id: "r", ...suggestion });
}

function refused(seconds: number, error: string): Line[] {
  return [
    line(seconds, "error", "Register tunnel error from server side", { ...EDGE, error }),
    line(seconds, "error", "failed to serve incoming request", { error }),
    retry(seconds, 0, "8s"),
  ];
}

const NINE_DIALS = Array.from({ length: 9 }, (_, at) => [
  quicDial(6 + at * 15),
  retry(7 + at * 15, 0, "16s"),
]).flat();
const FALLBACK = [
  line(
    141,
    "warn",
    "If this log occurs persistently, and cloudflared is unable to connect to Cloudflare Network with `quic` protocol, then ICMP will not work",
    EDGE,
  ),
  line(141, "info", "Switching to fallback protocol http2", EDGE),
];
const RECEIVE_BUFFER = plain(
  1,
  "2026/10/05 03:00:01 failed to sufficiently increase receive buffer size (was: 208 kiB, wanted: 7168 kiB, got: 416 kiB). See https://github.com/quic-go/quic-go/wiki/UDP-Buffer-Sizes for details.",
);
const UDP_CHECKS = [
  precheck(8, "UDP Connectivity", "fail"),
  precheck(8, "TCP Connectivity", "pass"),
  verdict(8, false, "http2"),
];
const DNS_DEAD = [
  line(10, "error", "Failed to fetch features, default to disable", {
    error: "lookup cfd-features.argotunnel.com on 10.0.0.2:53: i/o timeout",
  }),
  line(11, "warn", "Unable to lookup protocol percentage."),
  line(12, "error", "edge discovery: error looking up Cloudflare edge IPs: the DNS query failed", {
    event: 0,
    error: "lookup _v2-origintunneld._tcp.argotunnel.com on 10.0.0.2:53: server misbehaving",
  }),
  line(12, "error", "Please try the following things to diagnose this issue:"),
  line(13, "info", "Tunnel server stopped"),
  line(13, "error", "Initiating shutdown", {
    error: "Could not lookup srv records on _v2-origintunneld._tcp.argotunnel.com: lookup failed",
  }),
];

const IPV6_NO_ROUTE = "DialContext error: dial tcp [2606:4700:a8::7]:7844: connect: network is unreachable";
const IPV6_TIMEOUT = "DialContext error: dial tcp [2606:4700:a8::7]:7844: i/o timeout";

/** The one cause to be found, and how bad it is. */
export type Case = [name: string, lines: Line[], cause: string, severity: Severity];

export const EDGE_CASES: Case[] = [
  [
    "QUIC blocked at start",
    [...boot(0, "quic", undefined, "auto"), RECEIVE_BUFFER, quicDial(6), retry(7, 0, "2s"), quicDial(13)],
    "quic-blocked",
    "critical",
  ],
  [
    "QUIC refused by the host",
    [
      ...boot(0, "quic"),
      quicDial(
        6,
        0,
        "INTERNAL_ERROR (local): write udp [::]:40001->203.0.113.5:7844: sendmsg: operation not permitted",
      ),
    ],
    "quic-blocked",
    "critical",
  ],
  [
    "only the check has spoken yet",
    [...boot(0, "quic", undefined, "auto"), ...UDP_CHECKS],
    "quic-blocked",
    "critical",
  ],
  [
    "fallen back and stuck on HTTP/2",
    [...boot(0, "quic", undefined, "auto"), ...UDP_CHECKS, ...NINE_DIALS, ...FALLBACK, ...allUp(145)],
    "quic-blocked",
    "medium",
  ],
  [
    "QUIC rejected",
    [
      ...boot(0, "quic"),
      quicDial(3, 0, "CRYPTO_ERROR 0x178 (remote): tls: no application protocol"),
      quicDial(9, 0, "CRYPTO_ERROR 0x178 (remote): tls: no application protocol"),
    ],
    "quic-rejected",
    "critical",
  ],
  [
    "QUIC flapping",
    [
      ...boot(0, "quic"),
      ...allUp(2, "quic"),
      ...[60, 150, 260].flatMap((at, index) => [
        ...quicLost(at, index),
        quicDial(at + 9, index, undefined, "warn"),
        up(at + 20, index, "quic"),
      ]),
    ],
    "quic-flap",
    "high",
  ],
  [
    "HTTP/2 flapping",
    [
      ...boot(0),
      ...allUp(2),
      ...[60, 200, 330, 500].flatMap((at, index) => [...h2Lost(at, index), up(at + 14, index)]),
    ],
    "h2-flap",
    "medium",
  ],
  [
    "TCP 7844 blocked",
    [...boot(0), ...tcpDial(16), ...tcpDial(35), ...tcpDial(60)],
    "tcp-7844-blocked",
    "critical",
  ],
  [
    "TLS to the edge cut",
    [
      ...boot(0),
      ...tcpDial(
        16,
        0,
        "TLS handshake with edge error: read tcp 10.1.2.3:39708->198.41.192.67:7844: read: connection reset by peer",
      ),
    ],
    "tcp-7844-blocked",
    "critical",
  ],
  [
    "all egress blocked, QUIC first",
    [
      ...boot(0, "quic", undefined, "auto"),
      precheck(8, "UDP Connectivity", "fail"),
      precheck(8, "TCP Connectivity", "fail"),
      verdict(8, true),
      ...NINE_DIALS,
      ...FALLBACK,
      ...tcpDial(160),
      ...tcpDial(190),
    ],
    "tcp-7844-blocked",
    "critical",
  ],
  ["edge DNS dead", [...boot(0, "quic", undefined, "auto"), ...DNS_DEAD], "edge-dns", "critical"],
  ["IPv6 without a route", [...boot(0), ...tcpDial(2, 0, IPV6_NO_ROUTE)], "edge-ipv6", "high"],
  [
    "both families blocked",
    [...boot(0), ...[0, 1].flatMap((at) => tcpDial(16 + at * 20, 0, IPV6_TIMEOUT)), ...tcpDial(60)],
    "tcp-7844-blocked",
    "critical",
  ],
  [
    "IPv6 without a route, and IPv4 blocked",
    [...boot(0), ...tcpDial(2, 0, IPV6_NO_ROUTE), ...tcpDial(18), ...tcpDial(40)],
    "tcp-7844-blocked",
    "critical",
  ],
  [
    "IPv6 that times out, and nothing else was tried",
    [...boot(0), ...tcpDial(16, 0, IPV6_TIMEOUT), ...tcpDial(36, 0, IPV6_TIMEOUT)],
    "edge-ipv6",
    "high",
  ],
  [
    "token rejected over HTTP/2",
    [
      ...boot(0),
      ...refused(2, "Unauthorized: Invalid tunnel secret"),
      ...refused(9, "Unauthorized: Invalid tunnel secret"),
    ],
    "token-rejected",
    "critical",
  ],
  [
    "token of a deleted tunnel",
    [...boot(0), ...refused(2, "Unauthorized: Failed to get tunnel")],
    "token-rejected",
    "critical",
  ],
  [
    "token rejected over QUIC, with its echoes",
    [
      ...boot(0, "quic"),
      ...[2, 8, 20].flatMap((at) => [
        line(at, "error", "failed to serve the control stream", {
          ...EDGE,
          error: "Unauthorized: Tunnel not found",
        }),
        line(at, "error", "failed to run the datagram handler", {
          ...EDGE,
          error: "Application error 0x0 (local)",
        }),
        line(at, "error", "failed to serve tunnel connection", {
          ...EDGE,
          error: "control stream encountered a failure while serving",
        }),
        line(at, "error", "Serve tunnel error", {
          ...EDGE,
          error: "control stream encountered a failure while serving",
        }),
        retry(at, 0, "8s"),
      ]),
    ],
    "token-rejected",
    "critical",
  ],
];
