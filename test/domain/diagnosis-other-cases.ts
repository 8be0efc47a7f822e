// Logs of connectors that cannot start, cannot reach a service or lose some of their connections.
import type { Case } from "./diagnosis-edge-cases.ts";
import { allUp, boot, h2Lost, line, originFault, plain, quicDial, retry, stop } from "./diagnosis-scripts.ts";

const UNREADY_LIVES = [0, 90, 180, 270].flatMap((at) => [
  ...boot(at, "quic", `11111111-2222-4333-8444-${String(at).padStart(12, "0")}`, "auto"),
  quicDial(at + 6),
  quicDial(at + 30),
  ...stop(at + 70, []),
]);
export const OTHER_CASES: Case[] = [
  [
    "token malformed",
    [plain(0, "Provided Tunnel token is not valid."), plain(0, "See 'cloudflared tunnel run --help'.")],
    "token-malformed",
    "critical",
  ],
  [
    "flag in the wrong place",
    [
      plain(0, "Incorrect Usage: flag provided but not defined: -loglevel"),
      plain(0, ""),
      plain(0, "NAME:"),
      plain(0, "   cloudflared tunnel run - Proxy a local web server"),
    ],
    "bad-flags",
    "critical",
  ],
  [
    "metrics port taken",
    [
      ...boot(0),
      line(1, "error", "Error opening metrics server listener", {
        error:
          "failed to bind to address (0.0.0.0:9090): listen tcp 0.0.0.0:9090: bind: address already in use",
      }),
    ],
    "bad-flags",
    "critical",
  ],
  ["a probe that kills it before the fallback", UNREADY_LIVES, "liveness-loop", "critical"],
  [
    "one connection of four",
    [
      ...boot(0),
      ...allUp(2),
      ...[1, 2, 3].flatMap((index) => h2Lost(100, index)),
      ...[150, 260, 410, 470].map((at) => retry(at, 1, "32s")),
    ],
    "degraded",
    "medium",
  ],
  [
    "all connections lost",
    [...boot(0), ...allUp(2), ...[0, 1, 2, 3].flatMap((index) => h2Lost(100, index, "error"))],
    "outage",
    "critical",
  ],
  [
    "origin: name unknown",
    [
      ...boot(0),
      ...allUp(2),
      originFault(50, "dial tcp: lookup billing-uc.a.run.app on 169.254.169.254:53: no such host"),
      originFault(55, "dial tcp: lookup billing-uc.a.run.app on 169.254.169.254:53: no such host"),
    ],
    "origin-dns",
    "high",
  ],
  [
    "origin: resolver silent",
    [
      ...boot(0),
      ...allUp(2),
      originFault(
        50,
        "dial tcp: lookup x.a.run.app on 10.0.0.2:53: read udp 10.0.0.9:4411->10.0.0.2:53: i/o timeout",
      ),
    ],
    "origin-dns",
    "high",
  ],
  [
    "origin: no way there",
    [...boot(0), ...allUp(2), originFault(50, "dial tcp 199.36.153.10:443: i/o timeout")],
    "origin-unreachable",
    "high",
  ],
  [
    "origin: refused",
    [
      ...boot(0),
      ...allUp(2),
      originFault(50, "dial tcp 127.0.0.1:8080: connect: connection refused", "http://localhost:8080"),
    ],
    "origin-refused",
    "high",
  ],
  [
    "origin: certificate",
    [
      ...boot(0),
      ...allUp(2),
      originFault(
        50,
        "tls: failed to verify certificate: x509: certificate is valid for *.a.run.app, not internal",
      ),
    ],
    "origin-tls",
    "high",
  ],
  [
    "origin: plain HTTP spoken to with TLS",
    [...boot(0), ...allUp(2), originFault(50, "http: server gave HTTP response to HTTPS client")],
    "origin-tls",
    "high",
  ],
  [
    "a route without a Host header",
    [
      ...boot(0),
      ...allUp(2),
      line(8, "info", "Updated to new configuration", {
        version: 3,
        config: JSON.stringify({
          ingress: [
            { hostname: "a.example.com", service: "https://a-x.a.run.app" },
            { service: "http_status:404" },
          ],
        }),
      }),
    ],
    "origin-host",
    "high",
  ],
  [
    "configuration not readable",
    [
      ...boot(0),
      ...allUp(2),
      line(9, "error", "Failed to deserialize new configuration", {
        version: 9,
        config: "{}",
        error: "json: cannot unmarshal number",
      }),
    ],
    "bad-config",
    "high",
  ],
  [
    "out of file descriptors",
    [
      ...boot(0),
      ...allUp(2),
      originFault(50, "dial tcp 10.0.0.8:443: socket: too many open files"),
      ...h2Lost(60, 1),
    ],
    "fd-limit",
    "high",
  ],
  [
    "told that it is old",
    [
      ...boot(0),
      ...allUp(2),
      line(90, "warn", "Your version 2025.1.0 is outdated. We recommend upgrading it to 2026.9.1"),
    ],
    "old-version",
    "low",
  ],
];
