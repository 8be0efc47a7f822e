// What holds for the blocks of a message or view together: how many, on which surface, with ids that do not repeat.
// https://docs.slack.dev/reference/block-kit/blocks
import { ANY_BLOCK } from "./block-rules.ts";
import { isObject, listOf } from "./elements.ts";
import { all, type Inspection, list, type Rule, type Surface } from "./rules.ts";
import type { Json } from "./workspace.ts";

const LONGEST_TABLE = 10_000;
const LONGEST_MARKDOWN = 12_000;

/** Blocks that are not for every surface. */
const ONLY_ON = new Map<unknown, Surface[]>(
  Object.entries<Surface[]>({
    alert: ["modal"],
    input: ["modal", "home"],
    table: ["message", "home"],
    carousel: ["message", "home"],
    container: ["message", "home"],
    markdown: ["message"],
    plan: ["message"],
    task_card: ["message"],
    context_actions: ["message"],
    file: ["message"],
  }),
);

export function blocksRule(most: number): Rule {
  return all(list(all(ANY_BLOCK, onItsSurface), 0, most), uniqueBlockIds, tablesAndMarkdown);
}

function onItsSurface(value: unknown, at: string, on: Inspection): void {
  if (!isObject(value)) return;
  const surfaces = ONLY_ON.get(value.type);
  if (surfaces && !surfaces.includes(on.surface))
    on.complain(`unsupported type: ${value.type}`, `${at}/type`);
  for (const [index, child] of listOf(value.child_blocks).entries()) {
    onItsSurface(child, `${at}/child_blocks/${index}`, on);
  }
}

function uniqueBlockIds(value: unknown, at: string, on: Inspection): void {
  const seen = new Set<unknown>();
  const note = (block: Json, where: string): void => {
    const { block_id: id } = block;
    if (id !== undefined && seen.has(id))
      on.complain(`\`block_id\` "${id}" already exists`, `${where}/block_id`);
    seen.add(id);
    for (const [index, child] of listOf(block.child_blocks).entries())
      note(child, `${where}/child_blocks/${index}`);
  };
  for (const [index, block] of listOf(value).entries()) note(block, `${at}/${index}`);
}

function tablesAndMarkdown(value: unknown, at: string, on: Inspection): void {
  const tables = listOf(value).filter((block) => block.type === "table");
  if (tables.length > 1) on.complain("only one table allowed per message", at);
  if (tables.some((table) => cellText(table) > LONGEST_TABLE)) {
    on.complain(`table must be less than ${LONGEST_TABLE + 1} characters`, at);
  }
  const markdown = listOf(value).filter((block) => block.type === "markdown");
  const length = markdown.reduce((sum, block) => sum + String(block.text).length, 0);
  if (length > LONGEST_MARKDOWN)
    on.complain(`markdown must be less than ${LONGEST_MARKDOWN + 1} characters`, at);
}

/** All text in a table's cells, however deep in rich text. */
function cellText(table: Json): number {
  let length = 0;
  JSON.stringify(table.rows, (key, value: unknown) => {
    if (key === "text" && typeof value === "string") length += value.length;
    return value;
  });
  return length;
}
