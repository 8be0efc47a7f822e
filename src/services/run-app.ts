// The way to Cloud Run's own addresses as this machine has it: how their names resolve, and what answers there.
import { lookup, Resolver } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { ServiceFailure } from "./failure.ts";

export type RunApp = {
  /** IPv4 addresses of a host, as the system's resolver finds them. */
  resolve(host: string): Promise<string[]>;
  /** The status of one GET, and whether Google's front end gave it. */
  ask(host: string): Promise<{ status: number; byGoogle: boolean }>;
};

export function createRunApp(options: {
  timeoutMs: number;
  /** host:port of a name server to ask instead. */
  dnsServer?: string;
  /** Where to connect instead, sending the host as Host. */
  originUrl?: string;
}): RunApp {
  return {
    async resolve(host) {
      try {
        return await addressesOf(host, options);
      } catch (error) {
        throw unreachable("dns.lookup", `${host} does not resolve (${codeOf(error)}).`, error);
      }
    },
    async ask(host) {
      try {
        const { statusCode = 0, headers } = await getOnce(host, options);
        return { status: statusCode, byGoogle: /google/i.test(String(headers.server ?? "")) };
      } catch (error) {
        throw unreachable("origin.get", `${host} did not answer (${codeOf(error)}).`, error);
      }
    },
  };
}

async function addressesOf(
  host: string,
  { dnsServer, timeoutMs }: { dnsServer?: string; timeoutMs: number },
): Promise<string[]> {
  if (!dnsServer) return (await lookup(host, { family: 4, all: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([dnsServer]);
  return await resolver.resolve4(host);
}

function getOnce(
  host: string,
  { originUrl, timeoutMs }: { originUrl?: string; timeoutMs: number },
): Promise<IncomingMessage> {
  const url = new URL(originUrl ?? `https://${host}/`);
  const headers = { host, "user-agent": "Drawbridge" };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const signal = AbortSignal.timeout(timeoutMs);
    const request = send(url, { method: "GET", agent: false, headers, signal }, (response) => {
      resolve(response);
      request.destroy();
    });
    request.on("error", reject);
    request.end();
  });
}

function codeOf(error: unknown): string {
  if (error instanceof Error && /^(Timeout|Abort)Error$/.test(error.name)) return "no answer in time";
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "unknown reason";
}

function unreachable(operation: string, message: string, cause: unknown): ServiceFailure {
  const remedy = "Check the DNS and the way out of where this runs.";
  return new ServiceFailure({
    kind: "retry",
    vendor: "google",
    operation,
    message: `${message} ${remedy}`,
    cause,
  });
}
