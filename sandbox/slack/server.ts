// One HTTP server for the Web API, response URLs, uploads and the sockets' upgrade; all but the last go through faults
// and the journal.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Shared } from "../contract.ts";
import { answerThroughFaults, type HttpAnswer } from "../http-fault.ts";
import { type ReadRequest, readRequest } from "./request-body.ts";
import { errorBody } from "./web-api.ts";
import type { Json } from "./workspace.ts";

export type Routes = {
  call(method: string, args: Json, token: string | null): Promise<HttpAnswer>;
  respond(id: string, body: Json): HttpAnswer;
  upload(id: string, bytes: Buffer): boolean;
  file(id: string): Buffer | null;
};

export function createSlackServer(shared: Shared, routes: Routes): Server {
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(shared, routes, request, response).catch((fault: unknown) => {
      // A fault of the emulator itself: be loud, and do not leave the caller hanging.
      console.error(fault);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(JSON.stringify({ ok: false, error: "fatal_error" }));
    });
  });
}

export async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return `${host}:${(server.address() as AddressInfo).port}`;
}

async function handle(
  shared: Shared,
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const read = await readRequest(request);
  const { path, query, body } = read;
  const seen = { method: request.method ?? "GET", path, query, body };
  await answerThroughFaults(shared, "slack", seen, response, () => answer(routes, read), errorBody);
}

async function answer(routes: Routes, { path, args, body, token, raw }: ReadRequest): Promise<HttpAnswer> {
  const [, area, name = ""] = path.split("/");
  if (area === "api") return routes.call(name, args, token);
  if (area === "response") return routes.respond(name, body);
  if (area === "upload") {
    return routes.upload(name, raw)
      ? { status: 200, body: `OK - ${raw.length}` }
      : { status: 404, body: "no such upload" };
  }
  const file = area === "files" ? routes.file(name) : null;
  if (file) return { status: 200, headers: { "content-type": "image/png" }, body: file };
  return { status: 404, body: "not found" };
}
