// What people call the things whose ids the bot works with: tunnels, Access groups, identity providers.
import type { Access } from "./access.ts";
import { orNothing } from "./failure.ts";
import { remembered } from "./remembered.ts";
import type { Tunnels } from "./tunnel.ts";

/** By id. Read again every ten minutes; an answer that cannot be had is an empty one: cards then show ids. */
export type Names = () => Promise<Record<string, string>>;

const MAX_AGE_MS = 10 * 60_000;

export function createNames({ access, tunnels }: { access: Access; tunnels: Tunnels }): Names {
  async function read(): Promise<Record<string, string>> {
    const lists = await Promise.all([tunnels.list(), access.listGroups(), access.listIdentityProviders()]);
    return Object.fromEntries(lists.flat().map(({ id, name }) => [id, name]));
  }

  const names = remembered(read, { maxAgeMs: MAX_AGE_MS });
  return async () => (await orNothing(names())) ?? {};
}
