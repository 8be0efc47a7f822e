// Application tokens: what Access puts in the CF_Authorization cookie and hands on as Cf-Access-Jwt-Assertion. Signed
// with a key of this emulator alone.
import { createHmac, randomBytes } from "node:crypto";
import type { SandboxClock } from "../contract.ts";
import type { Application } from "./state.ts";

export type TokenPayload = {
  aud: string[];
  iss: string;
  exp: number;
  iat: number;
  type: string;
  /** Counts the tokens up, so that a revocation can name all earlier ones. */
  serial: number;
  email?: string;
  common_name?: string;
};

export type AccessTokens = {
  issue(
    application: Application,
    subject: { email: string } | { common_name: string },
    lifeMs: number,
  ): string;
  /** The payload, if the signature is ours. It may have expired. */
  read(token: string): TokenPayload | null;
  expired(payload: TokenPayload): boolean;
  /** The serial of the last token issued. */
  lastSerial(): number;
  /** A signed statement that is no token, such as the `meta` of a log-in address. */
  sign(payload: Record<string, unknown>, kid: string): string;
};

export function createAccessTokens(team: () => string, clock: SandboxClock): AccessTokens {
  const key = randomBytes(32);
  let serial = 0;
  const seconds = () => Math.floor(clock.now().getTime() / 1000);

  function sign(payload: Record<string, unknown>, kid: string): string {
    const head = encode({ alg: "HS256", kid, typ: "JWT" });
    const signed = `${head}.${encode(payload)}`;
    return `${signed}.${mac(key, signed)}`;
  }

  return {
    sign,
    issue(application, subject, lifeMs) {
      serial += 1;
      const iat = seconds();
      const exp = iat + Math.ceil(lifeMs / 1000);
      const iss = `https://${team()}.cloudflareaccess.com`;
      return sign(
        { aud: [application.aud], ...subject, exp, iat, nbf: iat, iss, type: "app", serial },
        application.aud,
      );
    },
    read(token) {
      const [head, payload, signature] = token.split(".");
      if (!head || !payload || signature !== mac(key, `${head}.${payload}`)) return null;
      const read = JSON.parse(Buffer.from(payload, "base64url").toString()) as TokenPayload;
      return read.type === "app" ? read : null;
    },
    expired: (payload) => payload.exp <= clock.now().getTime() / 1000,
    lastSerial: () => serial,
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function mac(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Reads `24h`, `30m` or `2h45m`; null when it is none. */
export function durationMs(text: unknown): number | null {
  if (typeof text !== "string" || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text))
    return text === "no_duration" ? 0 : null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return total;
}
