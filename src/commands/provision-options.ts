// What set-up and rotation are told on the command line, with the names that the rest of the deployment uses.
import { ConfigError, type Environment } from "../config-values.ts";
import type { Wish } from "../provisioning.ts";
import { CONNECTOR_IMAGE } from "../services/worker-pool-spec.ts";
import type { Named } from "../views/provisioning-text.ts";
import { readOptions } from "./command.ts";

export const OPTIONS_HELP = `  --project          the Google Cloud project (default: GOOGLE_CLOUD_PROJECT)
  --region           the region of the worker pool
  --tunnel           the tunnel's name (default drawbridge)
  --secret           the secret that holds its token (default drawbridge-tunnel-token)
  --pool             the worker pool of the connectors (default drawbridge-cloudflared)
  --instances        connectors (default 2)
  --image            cloudflared's image, with a version
  --network, --subnet, --service-account   of the pool (default drawbridge, drawbridge, drawbridge-cloudflared)
  --patience         seconds to wait for the connectors (default 600)
  --plan             only say what would be done`;

export type Asked = { wish: Wish; named: Named; patienceMs: number; plan: boolean; dropOthers: boolean };

const NAME = /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/;

/** Null for who wants help. Throws ConfigError with all that is wrong. `mayDrop`: whether connectors can be cut off. */
export function askedFor(env: Environment, mayDrop: boolean): Asked | null {
  const values = readOptions(OPTIONS);
  if (values.help) return null;
  const project = values.project ?? env.GOOGLE_CLOUD_PROJECT ?? "";
  const region = values.region ?? "";
  const { tunnel, secret, pool, network, subnet: subnetwork, image } = values;
  const account = values["service-account"];
  const problems = [...problemsIn({ ...values, project, region }), ...missingIn(env)];
  if (values["drop-others"] && !mayDrop)
    problems.push("--drop-others is for rotate-token: set-up cuts no connector off");
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    wish: {
      tunnelName: tunnel,
      secret: { project, secret },
      pool: { project, region, name: pool },
      make: {
        image,
        instances: Number(values.instances),
        serviceAccount: account.includes("@") ? account : `${account}@${project}.iam.gserviceaccount.com`,
        network,
        subnetwork,
      },
    },
    named: { tunnel, secret, pool, project, region },
    patienceMs: Number(values.patience) * 1000,
    plan: values.plan,
    dropOthers: values["drop-others"],
  };
}

const OPTIONS = {
  project: { type: "string" },
  region: { type: "string" },
  tunnel: { type: "string", default: "drawbridge" },
  secret: { type: "string", default: "drawbridge-tunnel-token" },
  pool: { type: "string", default: "drawbridge-cloudflared" },
  instances: { type: "string", default: "2" },
  image: { type: "string", default: CONNECTOR_IMAGE },
  network: { type: "string", default: "drawbridge" },
  subnet: { type: "string", default: "drawbridge" },
  "service-account": { type: "string", default: "drawbridge-cloudflared" },
  patience: { type: "string", default: "600" },
  plan: { type: "boolean", default: false },
  "drop-others": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** What they look like is checked once Secret Manager has given what stands for them. */
function missingIn(env: Environment): string[] {
  return [
    ...(env.CLOUDFLARE_API_TOKEN ? [] : ["CLOUDFLARE_API_TOKEN is missing: an API token for the account"]),
    ...(env.CLOUDFLARE_ACCOUNT_ID
      ? []
      : ["CLOUDFLARE_ACCOUNT_ID is missing: the account's id, 32 hexadecimal digits"]),
  ];
}

type Words = {
  project: string;
  region: string;
  pool: string;
  image: string;
  instances: string;
  patience: string;
  tunnel: string;
};

function problemsIn(words: Words): string[] {
  const wrong: [boolean, string][] = [
    [words.project === "", "--project is missing, and GOOGLE_CLOUD_PROJECT is not set"],
    [
      !/^[a-z]+-[a-z]+\d+$/.test(words.region),
      "--region is missing or no region: asia-northeast1, for instance",
    ],
    [!NAME.test(words.pool), "--pool must be up to 49 lower case letters, digits and hyphens"],
    [words.tunnel.trim() === "", "--tunnel is empty"],
    [
      !/(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(words.image),
      "--image must name a version: latest moves",
    ],
    [!/^([1-9]|1\d|2[0-5])$/.test(words.instances), "--instances must be 1 to 25: a tunnel takes no more"],
    [!/^\d{1,5}$/.test(words.patience), "--patience must be a number of seconds"],
  ];
  return wrong.filter(([is]) => is).map(([, text]) => text);
}
