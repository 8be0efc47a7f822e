// Walks blocks: finds their interactive elements wherever a block keeps them, and gives ids to what has none.
import { randomBytes } from "node:crypto";
import type { Json } from "./workspace.ts";

/** `inInput`: Slack shows it as a form field, which reports changes only with dispatch_action. */
export type Placed = { blockId: string; block: Json; element: Json; inInput: boolean };

export function elementsOf(blocks: Json[]): Placed[] {
  return blocks.flatMap((block) => {
    const blockId = String(block.block_id ?? "");
    const nested = [
      ...listOf(block.child_blocks),
      ...(block.type === "carousel" ? listOf(block.elements) : []),
    ];
    if (nested.length > 0) return elementsOf(nested);
    return ownElements(block).map((element) => ({
      blockId,
      block,
      element,
      inInput: block.type === "input",
    }));
  });
}

/** A copy in which every block has a block_id and every interactive element an action_id, as Slack returns it. */
export function withIds(blocks: Json[]): Json[] {
  const copy = structuredClone(blocks);
  for (const block of copy) {
    block.block_id ||= inventId();
    for (const child of listOf(block.child_blocks)) child.block_id ||= inventId();
    if (block.type === "carousel") for (const card of listOf(block.elements)) card.block_id ||= inventId();
  }
  for (const { element } of elementsOf(copy)) element.action_id ||= inventId();
  return copy;
}

export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function inventId(): string {
  return randomBytes(6).toString("base64url");
}

function ownElements(block: Json): Json[] {
  switch (block.type) {
    case "input":
      return isObject(block.element) ? [block.element] : [];
    case "section":
      return isObject(block.accessory) && block.accessory.type !== "image" ? [block.accessory] : [];
    case "actions":
    case "context_actions":
      return listOf(block.elements);
    case "card":
      return listOf(block.actions);
    default:
      return [];
  }
}
