// Every line that the stand-in prints and every path that it serves, where cloudflared's source has it (at commit d1df798
// of 2026-08-20), and the test that meets it.
export type CoverageRow = { what: string; source: string; test: string };

const REPOSITORY = "https://github.com/cloudflare/cloudflared/blob/d1df798";
const FAULTS = "test/sandbox/cloudflared-faults.test.ts";
const PROCESS = "test/sandbox/cloudflared-process.test.ts";

export const cloudflaredCoverage: CoverageRow[] = [
  row("start", "cmd/cloudflared/tunnel/subcommand_context.go#L279", FAULTS),
  row("version", "cmd/cloudflared/cliutil/build_info.go#L34", FAULTS),
  row("settings", "cmd/cloudflared/tunnel/configuration.go#L71", FAULTS),
  row("connector-id", "cmd/cloudflared/tunnel/configuration.go#L134", PROCESS),
  row("initial-protocol", "cmd/cloudflared/tunnel/configuration.go#L153", PROCESS),
  row("icmp-gid", "ingress/icmp_linux.go#L61", FAULTS),
  row("icmp-off", "cmd/cloudflared/tunnel/configuration.go#L260", FAULTS),
  row("precheck", "prechecks/result.go#L183", FAULTS),
  row("precheck-complete", "prechecks/result.go#L191", FAULTS),
  row("udp-buffer", "vendor/github.com/quic-go/quic-go/sys_conn.go#L62", FAULTS),
  row("features", "features/selector.go#L77", FAULTS),
  row("percentage", "connection/protocol.go#L235", FAULTS),
  row("edge-dns", "edgediscovery/allregions/discovery.go#L124", FAULTS),
  row("edge-dns-help", "edgediscovery/allregions/discovery.go", FAULTS),
  row("edge-dns-exit", "cmd/cloudflared/tunnel/cmd.go", FAULTS),
  row("edge-dns-last-words", "cmd/cloudflared/tunnel/cmd.go", FAULTS),
  row("metrics-port", "cmd/cloudflared/tunnel/cmd.go#L465", FAULTS),
  row("bad-token", "cmd/cloudflared/tunnel/subcommands.go#L784", FAULTS),
  row("token-file", "cmd/cloudflared/tunnel/subcommands.go#L774", FAULTS),
  row("no-token", "cmd/cloudflared/tunnel/subcommands.go#L791", FAULTS),
  row("bad-flag-pos", "vendor/github.com/urfave/cli/v2/command.go#L120", FAULTS),
  row("registered", "connection/observer.go#L66", FAULTS),
  row("quic-dial", "supervisor/tunnel.go#L610", FAULTS),
  row("h2-dial", "supervisor/tunnel.go", FAULTS),
  row("serve", "supervisor/tunnel.go", FAULTS),
  row("quic-hint", "supervisor/tunnel.go#L328", FAULTS),
  row("fallback", "supervisor/tunnel.go#L344", FAULTS),
  row("quic-accept", "connection/quic_connection.go", FAULTS),
  row("quic-datagram", "connection/quic_connection.go#L137", FAULTS),
  row("quic-control", "connection/quic_connection.go#L121", FAULTS),
  row("quic-serve", "supervisor/tunnel.go#L661", FAULTS),
  row("h2-lost", "connection/http2.go", PROCESS),
  row("h2-serve-req", "connection/http2.go", FAULTS),
  row("h2-register", "supervisor/tunnel.go", FAULTS),
  row("retrying", "supervisor/tunnel.go", PROCESS),
  row("terminated", "supervisor/supervisor.go", PROCESS),
  row("unregistered", "connection/control.go#L145", PROCESS),
  row("config-updated", "orchestration/orchestrator.go#L118", PROCESS),
  row("config-refused", "orchestration/orchestrator.go", PROCESS),
  row("sigterm", "cmd/cloudflared/tunnel/signal.go#L19", PROCESS),
  row("no-more", "supervisor/supervisor.go#L178", PROCESS),
  row("server-stopped", "cmd/cloudflared/tunnel/cmd.go#L515", PROCESS),
  row("metrics-stopped", "cmd/cloudflared/tunnel/cmd.go", PROCESS),
  row("origin", "proxy/logger.go#L80", FAULTS),
  row("origin-quic-echo", "connection/quic_connection.go#L196", FAULTS),
  row("/ready", "metrics/readiness.go", PROCESS),
  row("/healthcheck", "metrics/metrics.go", PROCESS),
  row("/metrics", "metrics/metrics.go", PROCESS),
  row("/config", "metrics/metrics.go", PROCESS),
  row("/quicktunnel", "metrics/metrics.go", PROCESS),
  row("/diag/tunnel", "diagnostic/handlers.go", PROCESS),
  row("/diag/configuration", "diagnostic/handlers.go", PROCESS),
];

function row(what: string, place: string, test: string): CoverageRow {
  return { what, source: `${REPOSITORY}/${place}`, test };
}
