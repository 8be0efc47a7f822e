// The Cloud Run services of the invented company: ordinary ones, and one of each kind that cannot or should not be opened.
import type { Seed } from "./contract.ts";

type Service = Seed["google"]["services"][number];

export const demoServices: Service[] = [
  prod("billing-api", "Invoices and payment runs", { labels: { team: "payments" } }),
  {
    project: "lakeside-prod",
    region: "asia-northeast1",
    name: "payroll-admin",
    ingress: "internal",
    invokerIamDisabled: true,
    description: "Salaries; two leads decide",
    labels: { team: "people" },
  },
  prod("grafana", "Dashboards"),
  // Anybody on the internet reaches it at its run.app address, whatever Access says.
  prod("orders-api", "Takes orders from the shops", { ingress: "all" }),
  // Cloud Run wants an identity token, which cloudflared cannot send: 403.
  prod("ledger", "Double-entry bookkeeping", { publicInvoker: false }),
  prod("backoffice", "Takes no traffic at the moment", { ingress: "none" }),
  // Its run.app address is switched off, and with it the only way in for the tunnel.
  prod("legacy-reports", "Replaced by reports", { defaultUriDisabled: true }),
  prod("status-page", "Published by the web team, not by Drawbridge", { labels: { team: "web" } }),
  prod("reports", "Monthly numbers"),
  prod("stock-viewer", "What is in which warehouse"),
  prod("recipe-editor", "Recipes and allergens", { ingress: "internal-and-load-balancing" }),
  prod("route-planner", "Delivery vans and their day", { region: "us-central1" }),
  prod("supplier-portal", "Contracts and deliveries", { region: "us-central1" }),
  prod("returns", "Goods that came back", { region: "us-central1" }),
  labs("notebook", "Shared notebooks"),
  labs("forecast", "Demand forecasts, trial"),
  labs("label-maker", "Prints labels <with a price>"),
  // Two of one name.
  labs("feature-flags", "Who sees which trial in Japan"),
  labs("feature-flags", "Who sees which trial", { region: "us-central1", invokerIamDisabled: true }),
];

function prod(name: string, description: string, more: Partial<Service> = {}): Service {
  return ordinary("lakeside-prod", name, description, more);
}

function labs(name: string, description: string, more: Partial<Service> = {}): Service {
  return ordinary("lakeside-labs", name, description, more);
}

/** Ingress internal and no invoker check: what Drawbridge is for. */
function ordinary(project: string, name: string, description: string, more: Partial<Service>): Service {
  const region = "asia-northeast1";
  return { project, region, name, description, ingress: "internal", publicInvoker: true, ...more };
}
