// The bot of another day: started anew with the sandbox's policy, edited.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { World } from "./world.ts";

const POLICY = new URL("../sandbox/policy.yaml", import.meta.url);

export async function restartWith(world: World, edit: (policy: string) => string): Promise<void> {
  const policy = await readFile(POLICY, "utf8");
  expect(edit(policy)).not.toBe(policy);
  const file = join(world.sandbox.dataDir, "edited.yaml");
  await writeFile(file, edit(policy));
  await world.stopBot();
  await world.startBot({ POLICY_FILE: file });
}
