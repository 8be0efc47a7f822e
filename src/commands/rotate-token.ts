// `npm run rotate-token`: a new token for the tunnel, brought in without a moment when no connector is up.
import { rotationOf } from "../domain/provisioning.ts";
import { runProvisioning } from "./provision.ts";

const USAGE = `npm run rotate-token -- --region asia-northeast1 [--plan]

Gives the tunnel a new secret, stores the new token, lets the worker pool take it in a new revision, waits until its
connectors have registered, and only then ends what still runs with the old token and disables it. Connectors that run
keep their connections meanwhile; one that restarts before the new revision is up cannot connect with the old token, which
is why there should be two. A run that died half-way goes on where it was; one that is repeated rotates once more. Where
connectors of another pool, or of nobody's, run with the old token, it stops before it ends them: run it for that pool
next. --drop-others cuts them off instead, as a token that has leaked wants it.
CLOUDFLARE_API_TOKEN (Cloudflare Tunnel: Edit) and CLOUDFLARE_ACCOUNT_ID are read from the environment; Google takes the
credentials of gcloud auth application-default login.`;

await runProvisioning({
  usage: USAGE,
  decide: rotationOf,
  mayDrop: true,
  done: ({ pinned }, { tunnel, secret }) =>
    `The tunnel ${tunnel} runs with its new token, version ${pinned} of ${secret}. The one before is disabled.`,
});
