// The sandbox's control address: the page, what it shows, and every lever, for people and for scripts. Loopback only.
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import type { Connector } from "./cloudflare/connectors.ts";
import type { CloudflareEmulator, GoogleEmulator, Seed, Shared, SlackWorkspace } from "./contract.ts";
import { ControlRefusal, personId } from "./control-checks.ts";
import { createCityRecord } from "./control-city.ts";
import { cloudflareRoutes, edgeRoutes, googleRoutes } from "./control-edge.ts";
import { createControlEvents, eventRoutes, relayChanges } from "./control-events.ts";
import { createGuide } from "./control-guide.ts";
import { leverRoutes } from "./control-levers.ts";
import { slackRoutes } from "./control-slack.ts";
import { pageState } from "./control-state.ts";
import { tunnelRoutes } from "./control-tunnel.ts";
import { bundlePage, type PageFile } from "./page/bundle.ts";
import type { AppFeatures, BotStatus } from "./page/state.ts";
import type { SandboxTunnel } from "./tunnel.ts";

export type BotWatch = {
  status(): BotStatus;
  onChange(listener: (status: BotStatus) => void): () => void;
};

export type ControlParts = {
  shared: Shared;
  seed: Seed;
  slack: SlackWorkspace;
  cloudflare: CloudflareEmulator;
  google: GoogleEmulator;
  app: AppFeatures;
  bot: BotWatch;
  /** The connectors that a tunnel has right now. */
  connectors(tunnelId: string): Connector[];
  /** The tunnel whose connectors are processes, if there is one. */
  tunnel: SandboxTunnel | null;
};

export type Control = { url: string; close(): Promise<void> };

export async function startControl(parts: ControlParts, options: { port?: number } = {}): Promise<Control> {
  const events = createControlEvents();
  const city = createCityRecord(
    parts.cloudflare,
    parts.seed.cloudflare,
    (tunnelId) => parts.connectors(tunnelId).length,
  );
  const guide = createGuide(parts, city);
  const stopRelay = relayChanges(parts, events);
  const app = new Hono();

  app.use(async (context, next) => {
    // A page of another origin must not reach this address by way of a name that resolves to loopback.
    const foreign = [new URL(context.req.url).hostname, originHost(context.req.header("origin"))].find(
      (host) => host !== null && !isLoopback(host),
    );
    if (foreign)
      return context.json({ error: `this address answers on loopback names only, not ${foreign}` }, 403);
    return next();
  });
  app.onError((error, context) => {
    if (error instanceof ControlRefusal) return context.json({ error: error.message }, error.status);
    console.error(error);
    return context.json({ error: error.message }, 500);
  });
  app.notFound((context) =>
    context.json({ error: `nothing at ${context.req.method} ${context.req.path}` }, 404),
  );

  app.get("/state", (context) => {
    const people = parts.slack.people().filter((person) => !person.isBot);
    const as = personId(parts.slack, context.req.query("as") ?? people[0]?.id ?? "");
    return context.json(pageState(parts, city, guide, as));
  });
  app.route("/", eventRoutes(parts, events));
  app.route("/", leverRoutes(parts, events));
  app.route("/slack", slackRoutes(parts));
  app.route("/edge", edgeRoutes(parts, city));
  app.route("/cloudflare", cloudflareRoutes(parts, city));
  app.route("/google", googleRoutes(parts));
  app.route("/cloudflared", tunnelRoutes(parts));
  app.get("/", (context) => servePage(context.req.path));
  app.get("/page/*", (context) => servePage(context.req.path));

  const server = createAdaptorServer({ fetch: app.fetch });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        stopRelay();
        guide.stop();
        city.stop();
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

async function servePage(path: string): Promise<Response> {
  const files = await bundlePage();
  const file: PageFile | undefined = files.get(path === "/" ? "/page/index.html" : path);
  if (!file) return new Response("not found", { status: 404 });
  return new Response(file.content, {
    headers: { "content-type": file.type, "cache-control": "no-store", "content-security-policy": POLICY },
  });
}

// Nothing comes from outside this machine: no fonts, no scripts, no pictures.
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: http://127.0.0.1:*; frame-ancestors 'none'";

function listen(server: ReturnType<typeof createAdaptorServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        taken ? new Error(`Port ${port} is taken: choose another with --port, or --port 0 for any.`) : error,
      );
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function originHost(origin: string | undefined): string | null {
  if (!origin || !URL.canParse(origin)) return origin ?? null;
  return new URL(origin).hostname;
}

function isLoopback(host: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(host);
}
