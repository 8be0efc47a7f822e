// Reads a Web API request: query, urlencoded, JSON or multipart, with the arguments that travel as JSON strings parsed.
import type { IncomingMessage } from "node:http";
import type { Json } from "./workspace.ts";

/** Arguments that hold JSON in urlencoded bodies. */
const JSON_ARGUMENTS = ["blocks", "view", "metadata", "attachments", "files"];

export type ReadRequest = {
  path: string;
  query: Record<string, string>;
  /** Query and body together, without the token. */
  args: Json;
  /** The body alone, as the journal shows it: no token. */
  body: Json;
  token: string | null;
  raw: Buffer;
};

export async function readRequest(request: IncomingMessage): Promise<ReadRequest> {
  const raw = await readAll(request);
  const url = new URL(request.url ?? "/", "http://sandbox");
  const { token: queryToken, ...query } = Object.fromEntries(url.searchParams);
  const { token: bodyToken, ...body } = await parseBody(raw, request.headers["content-type"] ?? "");
  const header = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const token = header ?? (typeof bodyToken === "string" ? bodyToken : queryToken) ?? null;
  return { path: url.pathname, query, args: { ...query, ...body }, body, token, raw };
}

async function parseBody(raw: Buffer, contentType: string): Promise<Json> {
  if (raw.length === 0) return {};
  if (contentType.startsWith("application/json"))
    return (parseJson(raw.toString()) as Json | undefined) ?? {};
  if (contentType.startsWith("multipart/form-data")) return parseMultipart(raw, contentType);
  if (!contentType.startsWith("application/x-www-form-urlencoded")) return {};
  return parseJsonArguments(Object.fromEntries(new URLSearchParams(raw.toString())));
}

async function parseMultipart(raw: Buffer, contentType: string): Promise<Json> {
  const form = await new Response(new Uint8Array(raw), {
    headers: { "content-type": contentType },
  }).formData();
  const fields: Json = {};
  for (const [name, value] of form)
    fields[name] = typeof value === "string" ? value : `[${value.size} bytes]`;
  return parseJsonArguments(fields);
}

function parseJsonArguments(fields: Json): Json {
  const parsed = { ...fields };
  for (const name of JSON_ARGUMENTS) {
    const value = fields[name];
    if (typeof value === "string") parsed[name] = parseJson(value) ?? value;
  }
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
