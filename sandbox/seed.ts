// The invented company that the sandbox starts with: people, channels, services, and what others had set up at Cloudflare
// before Drawbridge came. `sandbox/policy.yaml` names the same ids.
import type { Seed } from "./contract.ts";
import { deterministicHost } from "./google/projects.ts";
import { demoServices } from "./seed-services.ts";
import { demoWorkerPools } from "./seed-worker-pools.ts";

/** The seed, and others' applications and records, which are added by hand once the emulator runs. */
export type DemoSeed = Seed & {
  cloudflare: Seed["cloudflare"] & {
    applications: Record<string, unknown>[];
    records: { zoneId: string; record: Record<string, unknown> }[];
  };
};

const TUNNEL = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";
const ZONE = "5f2c1d7a9be04c6f8a3d0e1b6c7f9a24";
const LABS_ZONE = "a81e0c4d7b3f4e52960d2f8b1c5e7a93";
const STATUS = "status.lakeside.example";

const slack: Seed["slack"] = {
  teamId: "T0LAKESIDE",
  teamName: "Lakeside Foods",
  teamDomain: "lakeside-foods",
  botUserId: "U0BRIDGE",
  people: [
    person("U0ASHA", "asha", "Asha Rao", { title: "Engineer", tz: "Asia/Tokyo", locale: "en-GB" }),
    person("U0LEE", "lee", "Lee Tanaka", { title: "Platform lead", tz: "Asia/Tokyo", locale: "en-GB" }),
    person("U0MINA", "mina", "Mina Sato", { title: "Platform lead", tz: "Asia/Tokyo", locale: "ja-JP" }),
    person("U0TOM", "tom", "Tom Becker", { title: "Engineer", tz: "Europe/Berlin", locale: "en-US" }),
    person("U0GUEST", "guest", "Gus Guest", { title: "Contractor", isRestricted: true }),
    {
      id: "U0STRANGER",
      name: "sam",
      realName: "Sam Partner",
      title: "Works elsewhere, shares a channel",
      email: "sam@harbour.example",
      isStranger: true,
    },
    person("U0GONE", "gone", "Gwen Gone", { title: "Left last month", deleted: true }),
    { id: "U0BRIDGE", name: "drawbridge", realName: "Drawbridge", isBot: true },
  ],
  channels: [
    {
      id: "C0GENERAL",
      name: "general",
      members: ["U0ASHA", "U0LEE", "U0MINA", "U0TOM", "U0GUEST", "U0STRANGER"],
    },
    {
      id: "C0APPROVALS",
      name: "bridge-approvals",
      botIn: true,
      members: ["U0ASHA", "U0LEE", "U0MINA", "U0TOM"],
    },
    { id: "C0ALERTS", name: "bridge-alerts", botIn: true, members: ["U0LEE", "U0MINA"] },
    { id: "C0RANDOM", name: "random", members: ["U0ASHA", "U0TOM"] },
  ],
  userGroups: [
    { id: "S0LEADS", handle: "platform-leads", name: "Platform leads", users: ["U0LEE", "U0MINA"] },
  ],
  botToken: "xoxb-sandbox-bot",
  appToken: "xapp-sandbox-app",
  scopes: [
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "files:write",
  ],
};

const cloudflare: DemoSeed["cloudflare"] = {
  accountId: "0e4b7c9d2f1a4863b5d8e7f60a9c3b12",
  apiToken: "sandbox-cloudflare-token",
  team: "lakeside",
  zones: [
    { id: ZONE, name: "lakeside.example" },
    { id: LABS_ZONE, name: "lakeside-labs.example" },
  ],
  tunnels: [
    {
      id: TUNNEL,
      name: "cloud-run",
      connectors: 2,
      config: {
        ingress: [
          {
            hostname: STATUS,
            service: `https://${deterministicHost("lakeside-prod", "asia-northeast1", "status-page")}`,
            originRequest: {
              connectTimeout: 5,
              noTLSVerify: false,
              httpHostHeader: deterministicHost("lakeside-prod", "asia-northeast1", "status-page"),
            },
          },
          { service: "http_status:404" },
        ],
        originRequest: { connectTimeout: 10, keepAliveConnections: 50 },
        "warp-routing": { enabled: true },
      },
    },
  ],
  groups: [
    {
      id: "7b1f0a52-3c64-4d8e-9f27-1d5a8e6c0b43",
      name: "contractors",
      include: [{ email: { email: "kim@harbour.example" } }, { email: { email: "ola@harbour.example" } }],
    },
  ],
  identityProviders: [
    { id: "c2d94e1b-6a70-4f35-8b8d-0e3f7a915d26", name: "Lakeside Google Workspace", type: "google-apps" },
    { id: "e86f3b07-91d2-4a5c-a4e0-5b7c2d18f394", name: "One-time PIN", type: "onetimepin" },
  ],
  propagationMs: 400,
  connectorDelayMs: 300,
  applications: [
    {
      type: "self_hosted",
      name: "Status page",
      domain: STATUS,
      session_duration: "24h",
      policies: [
        {
          name: "Employees",
          decision: "allow",
          include: [{ email_domain: { domain: "lakeside.example" } }],
        },
      ],
    },
  ],
  records: [
    {
      zoneId: ZONE,
      record: { type: "CNAME", name: STATUS, content: `${TUNNEL}.cfargotunnel.com`, proxied: true, ttl: 1 },
    },
    {
      zoneId: ZONE,
      record: { type: "A", name: "intranet.lakeside.example", content: "192.0.2.10", ttl: 300 },
    },
  ],
};

export const demoSeed: DemoSeed = {
  slack,
  cloudflare,
  google: {
    services: demoServices,
    workerPools: demoWorkerPools,
    secrets: {
      "projects/lakeside-prod/secrets/drawbridge-cloudflare-token": [cloudflare.apiToken],
      "projects/lakeside-prod/secrets/drawbridge-slack-bot-token": [slack.botToken],
      "projects/lakeside-prod/secrets/drawbridge-slack-app-token": [slack.appToken],
      "projects/lakeside-prod/secrets/cloudflared-tunnel-token": ["sandbox-tunnel-token"],
    },
  },
};

function person(
  id: string,
  name: string,
  realName: string,
  more: Partial<Seed["slack"]["people"][number]>,
): Seed["slack"]["people"][number] {
  return { id, name, realName, email: `${name}@lakeside.example`, ...more };
}
