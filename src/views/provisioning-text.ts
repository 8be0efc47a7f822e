// What set-up and rotation do, as lines for a terminal: each step as it begins, how it ended, and what is left to do.
import type { ProvisioningStep, Stopped } from "../domain/provisioning.ts";

/** What people call the things that are made. */
export type Named = {
  tunnel: string;
  secret: string;
  pool: string;
  project: string;
  region: string;
};

export function stepLine(step: ProvisioningStep, named: Named): string {
  switch (step.kind) {
    case "create-tunnel":
      return `Make the tunnel ${named.tunnel}, managed from Cloudflare's side.`;
    case "create-secret":
      return `Make the secret ${named.secret} in ${named.project}.`;
    case "renew-token":
      return `Give the tunnel ${named.tunnel} a new token. Connectors that run keep their connections.`;
    case "add-version":
      return `Put the tunnel's token into a new version of the secret ${named.secret}. It is not shown.`;
    case "grant-secret":
      return `Let the connectors' service account read the secret ${named.secret}.`;
    case "create-pool":
      return `Make the worker pool ${named.pool} in ${named.region}, with version ${step.version} of the token.`;
    case "point-pool":
      return `Point the worker pool ${named.pool} to version ${step.version} of the token: a new revision.`;
    case "renew-pool":
      return `Make a new revision of the worker pool ${named.pool}: the newest one failed.`;
    case "await-pool":
      return `Wait for Cloud Run to bring up the new revision of ${named.pool}.`;
    case "await-connectors":
      return `Wait for connectors to register with Cloudflare: ${step.running} of ${step.wanted}.`;
    case "drop-connectors":
      return `End the connections of ${step.ids.length} with the token before.`;
    case "disable-versions":
      return `Disable the token before: version ${step.versions.join(", ")} of ${named.secret}.`;
  }
}

export function stoppedLine({ because, detail }: Stopped, named: Named): string {
  switch (because) {
    case "tunnel-local":
      return `The tunnel ${detail} is configured by a file beside cloudflared. Move it to remote management in Cloudflare's dashboard (Networks, Tunnels), or choose another name with --tunnel.`;
    case "pool-failed":
      return `The worker pool ${named.pool} did not come up: ${detail || "Cloud Run gives no reason"}. Read its log: gcloud logging read 'resource.labels.worker_pool_name="${named.pool}"' --project=${named.project} --freshness=30m --format=json | npm run diagnose. Mend what it names, then run this again.`;
    case "pool-takes-no-token":
      return `The worker pool ${named.pool} is there, but none of its containers takes TUNNEL_TOKEN from its environment. Set it from the secret ${named.secret}, or choose another name with --pool.`;
    case "others-run":
      return `The worker pool ${named.pool} runs with the new token. More connectors than its own ran with the token before, ${detail} elsewhere: run this with their --pool and --region first, which ends the rotation. Where that token has leaked, or nobody knows them, run this with --drop-others: it rotates once more and cuts them off.`;
    case "not-set-up":
      return `There is nothing to rotate yet: the tunnel ${named.tunnel}, the secret ${named.secret} and the worker pool ${named.pool} do not belong together. Run npm run setup first, or name them with --tunnel, --secret and --pool.`;
  }
}

export function lateLine(step: ProvisioningStep, named: Named): string {
  return `Not there yet. ${stepLine(step, named)} Run this again to go on from here, or look at why: gcloud run worker-pools describe ${named.pool} --region=${named.region} --project=${named.project}`;
}

/** What set-up leaves to people, with the exact words. */
export function leftToDo(tunnelId: string, named: Named): string {
  const { tunnel, project, region, pool } = named;
  return `The tunnel ${tunnel} runs. What is left to do by hand (docs/deploy.md has each step). Where the bot has a project of
its own (docs/deploy.md, "Which project"), items 3 to 6 are for that one: name it where ${project} stands there.

1. The Slack app: https://api.slack.com/apps, Create New App, From a manifest, deploy/slack-manifest.json.
2. The policy: copy deploy/drawbridge.example.yaml to drawbridge.yaml, make it yours, and name the tunnel in it:
     tunnels: [{ id: ${tunnelId}, zones: [YOUR_ZONE], connectors: { workerPool: ${project}/${region}/${pool} } }]
3. The bot's secrets, for its account alone. For one that is there already: gcloud secrets versions add.
     add() { gcloud secrets create "drawbridge-$1" --data-file=- --project=${project} &&
       gcloud secrets add-iam-policy-binding "drawbridge-$1" --role=roles/secretmanager.secretAccessor \\
         --member=serviceAccount:drawbridge-bot@${project}.iam.gserviceaccount.com --project=${project}; }
     ask() { read -rsp "$1: " value && echo && printf %s "$value" | add "$1"; unset value; }
     add policy < drawbridge.yaml
     for name in slack-bot-token slack-app-token cloudflare-api-token; do ask "$name"; done
4. The database, in Cloud SQL: docs/deploy.md, "Without Terraform". Or a Postgres of your own: DATABASE_URL.
5. The bot's image: docs/deploy.md, step 4.
6. The bot, with your values in its file:
     gcloud run worker-pools replace deploy/bot.worker-pool.yaml --region=${region} --project=${project}
7. Look at all of it: /expose doctor`;
}
