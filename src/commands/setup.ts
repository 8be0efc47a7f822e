// `npm run setup`: a tunnel, its token in Secret Manager, and a worker pool of connectors that runs with it.
import { setupOf } from "../domain/provisioning.ts";
import { leftToDo } from "../views/provisioning-text.ts";
import { runProvisioning } from "./provision.ts";

const USAGE = `npm run setup -- --region asia-northeast1 [--plan]

Makes what is missing, takes over what is there, and waits until the connectors have registered with Cloudflare. It may be
run again at any time: it does only what is left, and makes a revision that failed anew. CLOUDFLARE_API_TOKEN (Cloudflare
Tunnel: Edit) and CLOUDFLARE_ACCOUNT_ID are read from the environment; Google takes the credentials of gcloud auth
application-default login.`;

await runProvisioning({
  usage: USAGE,
  decide: setupOf,
  mayDrop: false,
  done: ({ tunnel }, named) => `\n${leftToDo(tunnel?.id ?? "", named)}`,
});
