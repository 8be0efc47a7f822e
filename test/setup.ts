// Vitest's global setup: what takes long to make is made once for the whole run, when the first test asks for it.
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle } from "../deploy/bundle.ts";
import type { Made } from "./made-once.ts";
import { makeEmbeddedTemplate, makePostgresTemplate } from "./templates.ts";

type Thing = { what: Made[keyof Made]; remove?(): Promise<void> };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-test-"));
  // In the checkout, where the packages that are not in it are found.
  const results = join(import.meta.dirname, "../test-results");
  mkdirSync(results, { recursive: true });
  const bundled = await mkdtemp(join(results, "bundle-"));
  process.once("exit", () => [folder, bundled].forEach(removeNow));
  const make: Record<keyof Made, () => Promise<Thing>> = {
    postgres: () =>
      makePostgresTemplate(folder).then(({ template, stop }) => ({ what: template, remove: stop })),
    embedded: async () => ({ what: await makeEmbeddedTemplate(join(folder, "embedded")) }),
    bundle: async () => {
      await bundle(bundled);
      return { what: bundled };
    },
  };
  const made = new Map<string, Promise<Thing>>();
  const address = createServer(async (request, response) => {
    const name = (request.url ?? "").slice(1) as keyof Made;
    try {
      const making = made.get(name) ?? make[name]();
      made.set(name, making);
      response.end(JSON.stringify((await making).what));
    } catch (error) {
      response.writeHead(500).end(String(error instanceof Error ? error.stack : error));
    }
  });
  // Somebody who watches has changed the code.
  project.onTestsRerun(() => void made.delete("bundle"));
  project.provide("madeOnce", `http://127.0.0.1:${await listen(address)}`);
  return async () => {
    address.close();
    for (const making of made.values()) await making.then(({ remove }) => remove?.()).catch(() => undefined);
    for (const each of [folder, bundled]) await rm(each, { recursive: true, force: true });
  };
}

/** A run that is interrupted has no teardown. Its package stops the server then, which still writes while it goes. */
function removeNow(folder: string): void {
  for (let attempt = 0; attempt < 40 && existsSync(folder); attempt++) {
    rmSync(folder, { recursive: true, force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
