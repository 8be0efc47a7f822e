// One request to a hostname from outside, on a connection of its own, to the edge and nowhere else.
import { randomUUID } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";

/** What came back, as far as it is judged. */
export type VisitAnswer = { status: number; headers: Record<string, string | undefined>; body: string };

type VisitAddress = {
  hostname: string;
  /** Where to connect instead, sending the hostname as Host. */
  edgeUrl?: string;
};

export type VisitOptions = VisitAddress & {
  timeoutMs: number;
  /** Instead of the system's resolver. */
  lookup?: LookupFunction;
  /** Sent along; without them the visit is anonymous. */
  credentials?: Record<string, string>;
};

const LONGEST_BODY = 16 * 1024;

function addressOf({ hostname, edgeUrl }: VisitAddress): URL {
  const url = new URL("/", edgeUrl ?? `https://${hostname}`);
  // No cache may answer in the place of the edge.
  url.searchParams.set("drawbridge-visit", randomUUID());
  return url;
}

/** One connection of its own, so that the name is looked up anew; no redirects, no cookies. */
export function requestOnce(visit: VisitOptions): Promise<VisitAnswer> {
  const url = addressOf(visit);
  const headers = {
    host: visit.hostname,
    "user-agent": "Drawbridge",
    accept: "text/html",
    "cache-control": "no-cache",
    ...visit.credentials,
  };
  const options: RequestOptions = {
    method: "GET",
    agent: false,
    headers,
    signal: AbortSignal.timeout(visit.timeoutMs),
    ...(visit.lookup ? { lookup: visit.lookup } : {}),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      readStart(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response), body });
        request.destroy();
      }, reject);
    });
    request.on("error", reject);
    request.end();
  });
}

function readStart(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const done = () => resolve(Buffer.concat(parts).subarray(0, LONGEST_BODY).toString("utf8"));
    response.on("data", (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length >= LONGEST_BODY) done();
    });
    response.on("end", done);
    response.on("error", reject);
  });
}

function plainHeaders(response: IncomingMessage): VisitAnswer["headers"] {
  const entries = Object.entries(response.headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

/** Why there was no answer, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND") return "the name does not resolve";
  if (code === "EAI_AGAIN") return "the resolver did not answer";
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"))
    return "no answer in time";
  return code === "" ? "the connection failed" : `the connection failed (${code})`;
}
