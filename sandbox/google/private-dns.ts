// DNS as a worker pool in the VPC sees it: every host of run.app is private.googleapis.com, unless somebody took the
// private zone away.
import { type NameServer, startNameServer } from "../name-server.ts";

/** https://cloud.google.com/vpc/docs/configure-private-google-access#domain-options */
const PRIVATE = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"];
/** What run.app resolves to for everybody else. */
const PUBLIC = ["34.143.72.2", "34.143.73.2"];

export type PrivateDns = NameServer & { setPrivateZone(there: boolean): void };

export async function startPrivateDns(): Promise<PrivateDns> {
  let privateZone = true;
  const server = await startNameServer((name) => {
    if (!name.endsWith(".run.app")) return null;
    return privateZone ? PRIVATE : PUBLIC;
  });
  return {
    ...server,
    setPrivateZone(there) {
      privateZone = there;
    },
  };
}
