// What `npm run setup` and `npm run rotate-token` share: reading what they are told, the vendors, progress, and the end.
import { loadVendorConfig } from "../config.ts";
import type { Environment } from "../config-values.ts";
import { type Decide, foresee, type ProvisioningStep, type Standing } from "../domain/provisioning.ts";
import { type Ended, look, type Provisioning, provision, type Wish } from "../provisioning.ts";
import { createCloudflareClient } from "../services/cloudflare-client.ts";
import { createGoogleClients } from "../services/google-clients.ts";
import { createSecretReaders } from "../services/secret-readers.ts";
import { createSecretVersions } from "../services/secret-versions.ts";
import { createTunnels } from "../services/tunnel.ts";
import { createTunnelAdmin } from "../services/tunnel-admin.ts";
import { createWorkerPoolWrites } from "../services/worker-pool-writes.ts";
import { createWorkerPools } from "../services/worker-pools.ts";
import { lateLine, type Named, stepLine, stoppedLine } from "../views/provisioning-text.ts";
import { runCommand } from "./command.ts";
import { type Asked, askedFor, OPTIONS_HELP } from "./provision-options.ts";

export type ProvisioningCommand = {
  usage: string;
  decide: (first: Standing, instances: number, dropOthers: boolean) => Decide;
  /** Whether it takes --drop-others. */
  mayDrop: boolean;
  done: (standing: Standing, named: Named) => string;
};

/** For each call. Cloud Run checks images, secrets and rights before it answers a write. */
const TIMEOUT_MS = 30_000;

export async function runProvisioning(command: ProvisioningCommand): Promise<void> {
  await runCommand(async (environment) => {
    const asked = askedFor(process.env, command.mayDrop);
    if (!asked) return console.log(`${command.usage}\n\n${OPTIONS_HELP}`);
    const { services, close } = createServices(await environment());
    try {
      process.exitCode = await carryOut(command, services, asked);
    } finally {
      await close();
    }
  });
}

/** Answers the exit code. */
async function carryOut(
  command: ProvisioningCommand,
  services: Provisioning,
  { wish, named, patienceMs, plan, dropOthers }: Asked,
): Promise<number> {
  const decide = (first: Standing) => command.decide(first, wish.make.instances, dropOthers);
  if (plan) return await tellPlan(decide, services, wish, named);
  let last = "";
  const tell = (step: ProvisioningStep) => {
    const line = stepLine(step, named);
    if (line !== last) console.log(line);
    last = line;
  };
  return tellEnd(await provision(services, { wish, tell, patienceMs }, decide), command, named);
}

async function tellPlan(
  decide: (first: Standing) => Decide,
  services: Provisioning,
  wish: Wish,
  named: Named,
): Promise<number> {
  const standing = await look(services, wish);
  const steps = foresee(standing, decide(standing));
  if (steps.length === 0) console.log("Nothing is to be done: all of it stands.");
  for (const step of steps)
    console.log(step.kind === "stopped" ? stoppedLine(step, named) : stepLine(step, named));
  return steps.some(({ kind }) => kind === "stopped") ? 1 : 0;
}

function tellEnd(ended: Ended, command: ProvisioningCommand, named: Named): number {
  if (ended.kind === "done") {
    console.log(command.done(ended.standing, named));
    return 0;
  }
  console.error(ended.kind === "late" ? lateLine(ended.step, named) : stoppedLine(ended, named));
  return 1;
}

function createServices(env: Environment): { services: Provisioning; close(): Promise<void> } {
  const config = loadVendorConfig(env);
  const { accountId, apiToken, baseUrl } = config.cloudflare;
  const client = createCloudflareClient({ apiToken, baseURL: baseUrl, timeoutMs: TIMEOUT_MS });
  const clients = createGoogleClients({ endpoint: config.google.endpoint });
  const tunnels = createTunnels({ client, accountId });
  const google = { clients, timeoutMs: TIMEOUT_MS };
  const services = {
    tunnels,
    admin: createTunnelAdmin({ client, accountId, tunnels }),
    secrets: createSecretVersions(google),
    readers: createSecretReaders(google),
    pools: createWorkerPools(google),
    poolWrites: createWorkerPoolWrites(google),
  };
  return { services, close: () => clients.close() };
}
