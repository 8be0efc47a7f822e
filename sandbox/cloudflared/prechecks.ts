// The connectivity checks at a start. They advise only: nothing waits for them, and the protocol stays as it is.
import { randomUUID } from "node:crypto";
import type { Parts } from "./connection.ts";
import { BOOT_LINES } from "./lines.ts";
import { dial, lookUp } from "./link.ts";

const LIMIT_MS = 5000;
const REGIONS = ["region1.v2.argotunnel.com", "region2.v2.argotunnel.com"];

export async function runPrechecks(parts: Omit<Parts, "take" | "addresses">): Promise<void> {
  const { settings, pace, log, state } = parts;
  const reaches = async (protocol: "quic" | "http2") => {
    const link = await dial(settings.edge, protocol, "", () => pace.wait(LIMIT_MS));
    link?.close();
    return link !== null;
  };
  parts.onQuicDial();
  const [dns, udp, tcp] = await Promise.all([lookUp(settings.edge), reaches("quic"), reaches("http2")]);
  if (state.stopping) return;
  const run_id = randomUUID();
  const row = (component: string, target: string, passes: boolean, details: string) =>
    log(BOOT_LINES.precheck({ component, details, run_id, status: passes ? "pass" : "fail", target }));
  const rows = (component: string, passes: boolean, good: string, bad: string) => {
    for (const region of REGIONS) row(component, region, passes, passes ? good : bad);
  };
  rows("DNS Resolution", dns !== null, "DNS resolved successfully", "DNS resolution failed");
  rows("UDP Connectivity", udp, "QUIC connection successful", "QUIC connection failed");
  rows("TCP Connectivity", tcp, "HTTP/2 connection successful", "HTTP/2 connection failed");
  row("Cloudflare API", "api.cloudflare.com:443", true, "API reachable");
  const suggested = udp ? "quic" : tcp ? "http2" : undefined;
  const hard_fail = dns === null || (!udp && !tcp);
  log(
    BOOT_LINES["precheck-complete"]({
      hard_fail,
      run_id,
      ...(suggested ? { suggested_protocol: suggested } : {}),
    }),
  );
}
