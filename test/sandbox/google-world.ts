// The Google emulator alone, with Google's real clients pointed at it.
import { createClock } from "../../sandbox/clock.ts";
import type { GoogleEmulator, Seed, Shared } from "../../sandbox/contract.ts";
import { createFaults } from "../../sandbox/faults.ts";
import { startGoogle } from "../../sandbox/google/index.ts";
import { createJournal } from "../../sandbox/journal.ts";
import { createGoogleClients, type GoogleClients } from "../../src/services/google-clients.ts";

export type GoogleWorld = {
  shared: Shared;
  google: GoogleEmulator;
  clients: GoogleClients;
  close(): Promise<void>;
};

const prod = { project: "lakeside-prod", region: "asia-northeast1" };

export const services: Seed["google"]["services"] = [
  { ...prod, name: "billing-api", ingress: "internal", publicInvoker: true, description: "Invoices" },
  { ...prod, name: "payroll-admin", ingress: "internal", invokerIamDisabled: true },
  { ...prod, name: "ledger", ingress: "internal" },
  { ...prod, name: "recipe-editor", ingress: "internal-and-load-balancing", publicInvoker: true },
  { ...prod, name: "backoffice", ingress: "none", publicInvoker: true },
  { ...prod, name: "legacy-reports", ingress: "internal", publicInvoker: true, defaultUriDisabled: true },
  {
    project: "lakeside-labs",
    region: "us-central1",
    name: "notebook",
    publicInvoker: true,
    labels: { team: "labs" },
  },
];

export const parent = "projects/lakeside-prod/locations/asia-northeast1";

export async function startGoogleWorld(change: Partial<Seed["google"]> = {}): Promise<GoogleWorld> {
  const shared = { clock: createClock(), journal: createJournal(), faults: createFaults() };
  const secrets = { "projects/lakeside-prod/secrets/token": ["first", "second"] };
  const google = await startGoogle(shared, { services, secrets, ...change }, {});
  const clients = createGoogleClients({ endpoint: google.endpoint });
  return {
    shared,
    google,
    clients,
    async close() {
      await clients.close();
      await google.close();
    },
  };
}

/** What was asked, in order, as "RPC path". */
export function asked(shared: Shared): string[] {
  return shared.journal.entries().map(({ method, path }) => `${method} ${path}`);
}
