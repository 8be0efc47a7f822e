// The value of one element, and what entering another does: it stays in the form, or the bot hears of it at once.
import type { ElementProps } from "./element.tsx";
import type { Entry } from "./form.ts";
import { useSurface } from "./surface.ts";

export function useEntry({ blockId, element, input }: ElementProps): [Entry, (entry: Entry) => void] {
  const surface = useSurface();
  const enter = (entry: Entry) => {
    if (!input || input.dispatches) void surface.act(blockId, element, entry);
    else surface.form.set(blockId, element, entry);
  };
  return [surface.form.entry(blockId, element), enter];
}
