// Reads `tunnel [flags] run [flags]` and the TUNNEL_* environment as cloudflared does, placement of flags included.
import { readFileSync } from "node:fs";
import { BOOT_LINES } from "./lines.ts";
import type { Line } from "./log.ts";
import type { Protocol } from "./wire.ts";

export type Settings = {
  token: { text: string; tunnelId: string };
  protocol: "auto" | Protocol;
  /** `host:port` of the metrics server. */
  metrics: string;
  output: "default" | "json";
  retries: number;
  prechecks: boolean;
  /** `host:port` of the emulated edge. */
  edge: string;
  /** What "Settings:" shows. */
  shown: Record<string, string>;
};

/** It ends at once, with this as its last words. */
export type Refusal = { lines: Line[]; code: 0 | 1 | 255 };

/** Flag to environment variable. https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/cloudflared-parameters/run-parameters/ */
const TUNNEL_FLAGS: Record<string, string> = {
  metrics: "TUNNEL_METRICS",
  output: "TUNNEL_LOG_OUTPUT",
  loglevel: "TUNNEL_LOGLEVEL",
  "grace-period": "TUNNEL_GRACE_PERIOD",
  retries: "TUNNEL_RETRIES",
  "edge-ip-version": "TUNNEL_EDGE_IP_VERSION",
  region: "TUNNEL_REGION",
  edge: "TUNNEL_EDGE",
  "no-autoupdate": "NO_AUTOUPDATE",
  "no-prechecks": "TUNNEL_NO_PRECHECKS",
};
const RUN_FLAGS: Record<string, string> = {
  token: "TUNNEL_TOKEN",
  "token-file": "TUNNEL_TOKEN_FILE",
  protocol: "TUNNEL_TRANSPORT_PROTOCOL",
  "post-quantum": "TUNNEL_POST_QUANTUM",
};
const SWITCHES = ["no-autoupdate", "no-prechecks", "post-quantum"];
const LONGEST_GRACE_MS = 180_000;

export function readSettings(args: string[], env: Record<string, string | undefined>): Settings | Refusal {
  const { flags, refusal } = readFlags(args, env);
  if (refusal) return refusal;
  const token = readToken(flags);
  if ("code" in token) return token;
  const protocol = flags.protocol ?? "auto";
  if (protocol !== "auto" && protocol !== "quic" && protocol !== "http2")
    return fatal(`Unknown protocol ${protocol}`);
  if (durationMs(flags["grace-period"] ?? "30s") > LONGEST_GRACE_MS)
    return fatal("grace-period must be equal or less than 3m0s");
  const { edge = "", metrics = "127.0.0.1:20241" } = flags;
  return {
    token,
    protocol,
    metrics,
    output: flags.output === "json" ? "json" : "default",
    retries: Number(flags.retries ?? 5),
    prechecks: flags["no-prechecks"] !== "true",
    edge,
    shown: shownFlags(flags),
  };
}

type Flags = Record<string, string>;

function readFlags(
  args: string[],
  env: Record<string, string | undefined>,
): { flags: Flags; refusal?: Refusal } {
  const all = { ...TUNNEL_FLAGS, ...RUN_FLAGS };
  const flags: Flags = {};
  for (const [flag, name] of Object.entries(all)) {
    const value = env[name];
    if (value) flags[flag] = value;
  }
  let known = TUNNEL_FLAGS;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "run") known = RUN_FLAGS;
    if (!arg.startsWith("-")) continue;
    const [flag = "", given] = arg.replace(/^--?/, "").split(/=(.*)/s);
    // The flags of `tunnel` after `run`, or the other way round: the error is printed, and thrown away.
    if (!(flag in known)) return { flags, refusal: { lines: [BOOT_LINES["bad-flag-pos"](flag)], code: 0 } };
    flags[flag] = given ?? (SWITCHES.includes(flag) ? "true" : (args[++at] ?? ""));
  }
  return { flags };
}

function readToken(flags: Flags): Settings["token"] | Refusal {
  let text = flags.token ?? "";
  if (!text && flags["token-file"]) {
    try {
      text = readFileSync(flags["token-file"], "utf8").trim();
    } catch (error) {
      const denied = (error as NodeJS.ErrnoException).code === "EACCES";
      const why = `open ${flags["token-file"]}: ${denied ? "permission denied" : "no such file or directory"}`;
      return { lines: [BOOT_LINES["token-file"](why)], code: 255 };
    }
  }
  if (!text) return { lines: [BOOT_LINES["no-token"]()], code: 255 };
  const tunnelId = tunnelIn(text);
  return tunnelId ? { text, tunnelId } : { lines: [BOOT_LINES["bad-token"]()], code: 255 };
}

/** Go's decoder lets line ends pass, and neither spaces nor quotes. */
function tunnelIn(token: string): string | null {
  const text = token.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]+=*$/.test(text)) return null;
  try {
    const { a, t, s } = JSON.parse(Buffer.from(text, "base64").toString());
    return [a, t, s].every((part) => typeof part === "string" && part !== "") ? t : null;
  } catch {
    return null;
  }
}

/** Both names of the protocol are shown, and the token is not. */
function shownFlags({ edge: _, ...flags }: Flags): Record<string, string> {
  const protocol: Flags = flags.protocol ? { p: flags.protocol } : {};
  const token: Flags = flags.token ? { token: "*****" } : {};
  return { ...flags, ...protocol, ...token };
}

function fatal(text: string): Refusal {
  return { lines: [{ text }], code: 1 };
}

function durationMs(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce((sum, [, count, unit = "s"]) => {
    return sum + Number(count) * (units[unit] ?? 0);
  }, 0);
}
