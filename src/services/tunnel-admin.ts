// Making a tunnel and its token, for set-up and rotation. The bot itself never calls these.
import { randomBytes } from "node:crypto";
import type { Tunnel } from "../domain/observed.ts";
import { type CloudflareClient, READ } from "./cloudflare-client.ts";
import { mayHaveHappened, nonsense } from "./cloudflare-failure.ts";
import { isRecord } from "./json.ts";
import type { Tunnels } from "./tunnel.ts";

export type TunnelAdmin = {
  findByName(name: string): Promise<Tunnel | null>;
  /** A name that is taken is a conflict; a lost answer is looked up. */
  create(name: string): Promise<void>;
  /** What `cloudflared tunnel run` takes: a secret. */
  token(id: string): Promise<string>;
  /** From now on Cloudflare refuses the token before to whoever connects anew; what is connected stays so. */
  renewSecret(id: string): Promise<void>;
  /** Ends the connections of one connector; without its id all would go. */
  dropConnector(id: string, connectorId: string): Promise<void>;
};

/** https://developers.cloudflare.com/api/resources/zero_trust/subresources/tunnels/ asks for 32 bytes or more. */
const SECRET_BYTES = 32;

export function createTunnelAdmin(options: {
  client: CloudflareClient;
  accountId: string;
  tunnels: Pick<Tunnels, "list">;
}): TunnelAdmin {
  const { client, tunnels } = options;
  const account = { account_id: options.accountId };
  const api = client.api.zeroTrust.tunnels.cloudflared;

  async function findByName(name: string): Promise<Tunnel | null> {
    return (await tunnels.list()).find((each) => each.name === name) ?? null;
  }

  return {
    findByName,
    async create(name) {
      try {
        // Left out, config_src makes a tunnel that is configured by a file beside cloudflared.
        const body = { ...account, name, config_src: "cloudflare" as const };
        await client.call("cfd_tunnel.create", (each) => api.create(body, each));
      } catch (error) {
        if (!mayHaveHappened(error) || !(await findByName(name))) throw error;
      }
    },
    async token(id) {
      const operation = "cfd_tunnel.token.get";
      const wire: unknown = await client.call(operation, (each) => api.token.get(id, account, each), READ);
      if (typeof wire !== "string" || wire === "") throw nonsense(operation);
      return wire;
    },
    async renewSecret(id) {
      const body = { ...account, tunnel_secret: randomBytes(SECRET_BYTES).toString("base64") };
      const operation = "cfd_tunnel.edit";
      const wire: unknown = await client.call(operation, (each) => api.edit(id, body, each));
      if (!isRecord(wire)) throw nonsense(operation);
    },
    async dropConnector(id, connectorId) {
      if (connectorId === "") throw nonsense("cfd_tunnel.connections.delete");
      await client.call(
        "cfd_tunnel.connections.delete",
        (each) => api.connections.delete(id, { ...account, client_id: connectorId }, each),
        { empty: true },
      );
    },
  };
}
