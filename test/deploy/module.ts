// The Terraform module as the tests read it: its text and its blocks.
import { type Block, blocksOf } from "./hcl.ts";
import { filesBelow, textOf } from "./repository.ts";

export const files = filesBelow("deploy/terraform", ".tf");
export const module = files.filter((file) => !file.includes("/example/"));
export const text = module.map(textOf).join("\n");
export const blocks = blocksOf(text);

/** Blocks of one file, such as `bot.tf`. */
export function inFile(file: string): Block[] {
  return blocksOf(textOf(`deploy/terraform/${file}`));
}

export function attribute(found: Block[], path: string, name: string): string {
  const value = found.find((block) => block.path === path && name in block.attributes)?.attributes[name];
  if (value === undefined) throw new Error(`no ${name} in a ${path}`);
  return value.replace(/^"(.*)"$/, "$1");
}

/** What a custom role permits. */
export function permissionsOf(role: string): string[] {
  const [, block = ""] = text.split(`resource "google_project_iam_custom_role" "${role}" {`);
  const [, list = ""] = /permissions = \[([^\]]*)\]/.exec(block) ?? [];
  return (list.match(/[a-zA-Z]+\.[a-zA-Z.]+/g) ?? []).sort();
}
