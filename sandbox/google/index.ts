// The Google side of the sandbox: Cloud Run, Secret Manager and Cloud Logging on one gRPC port, and what a Cloud Run
// origin answers.
import { grpc } from "google-gax";
import type { GoogleEmulator, Seed, Shared } from "../contract.ts";
import { createInventory } from "./inventory.ts";
import { locationsApi } from "./locations.ts";
import { createLogging } from "./logging.ts";
import { createOperations, operationsApi } from "./operations.ts";
import { answerAt } from "./origin.ts";
import { startOriginServer } from "./origin-server.ts";
import { startPrivateDns } from "./private-dns.ts";
import { createProjects, deterministicHost } from "./projects.ts";
import { type Api, addApi, rpcsOf } from "./rpc.ts";
import { revisionsApi, servicesApi } from "./run-services.ts";
import { createSecrets } from "./secrets.ts";
import { createWorkerPools } from "./worker-pools.ts";

export async function startGoogle(
  shared: Shared,
  seed: Seed["google"],
  options: { port?: number },
): Promise<GoogleEmulator> {
  const { inventory, secrets, operations, pools, logging, apis } = assemble(shared, seed, () =>
    changed("worker-pool"),
  );
  const server = new grpc.Server();
  for (const api of apis) addApi(server, api, shared);
  const port = await listen(server, options.port ?? 0);
  const answer: GoogleEmulator["answer"] = (host, path) => answerAt(inventory, host, path);
  const [names, origin] = await Promise.all([startPrivateDns(), startOriginServer(shared, answer)]);

  const listeners = new Set<(change: { kind: string }) => void>();
  function changed(kind: string): void {
    for (const listener of listeners) listener({ kind });
  }
  return {
    endpoint: `127.0.0.1:${port}`,
    services: () => inventory.all().map(({ service }) => ({ ...service })),
    setService(name, change) {
      inventory.set(name, change);
      changed("service");
    },
    removeService(name) {
      inventory.remove(name);
      changed("service");
    },
    answer,
    dnsServer: names.address,
    originUrl: origin.url,
    setPrivateZone: names.setPrivateZone,
    urlOf: (project, region, name) => `https://${deterministicHost(project, region, name)}`,
    setSecret(name, versions) {
      secrets.set(name, versions);
      changed("secret");
    },
    secretValue: secrets.value,
    workerPools: pools.all,
    setWorkerPool(name, change) {
      pools.set(name, change);
      changed("worker-pool");
    },
    deployWorkerPool(name, failure) {
      pools.deploy(name, failure);
      changed("worker-pool");
    },
    writeLog: logging.write,
    setLogAccess: logging.setAccess,
    endTails: logging.endTails,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      operations.close();
      logging.close();
      server.forceShutdown();
      await Promise.all([names.close(), origin.close()]);
    },
  };
}

/** Every RPC that is emulated, as `service/RPC`. */
export function emulatedRpcs(shared: Shared): string[] {
  const { apis } = assemble(shared, { services: [], secrets: {} }, () => undefined);
  return apis.flatMap((api) => rpcsOf(api).map((method) => `${api.service}/${method}`));
}

/** A further Google API is one more entry in `apis`, with its own protos. */
function assemble(shared: Shared, seed: Seed["google"], poolChanged: () => void) {
  const projects = createProjects(seed.services.map(({ project }) => project));
  const inventory = createInventory(seed.services, shared.clock, projects);
  const secrets = createSecrets(seed.secrets, shared.clock, projects);
  const operations = createOperations();
  const pools = createWorkerPools(seed.workerPools, shared.clock, projects, operations, poolChanged);
  const logging = createLogging(shared, projects);
  const apis: Api[] = [
    servicesApi(inventory, projects),
    revisionsApi(inventory, pools, projects),
    pools.api,
    operationsApi(operations),
    locationsApi(projects),
    secrets.api,
    logging.api,
  ];
  return { inventory, secrets, operations, pools, logging, apis };
}

function listen(server: grpc.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}
