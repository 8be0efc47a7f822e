// Where blocks stand: a message, a modal or a Home tab. Elements ask it for their values and tell it of clicks.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Entry, Form } from "./form.ts";
import type { Confirm, Element, OptionGroup } from "./types.ts";

export type Surface = {
  kind: "message" | "modal" | "home";
  /** Tells this surface's elements apart from all others on the page, in DOM ids. */
  id: string;
  form: Form;
  errors: Record<string, string>;
  /** `block/action` of the element whose click is on its way. */
  busy: string | null;
  /** Reports a click or a change to the bot, after the element's confirm dialog if it has one. */
  act(blockId: string, element: Element, value?: Entry): Promise<void>;
  loadOptions(blockId: string, element: Element, query: string): Promise<OptionGroup[]>;
};

export type AskConfirm = (confirm: Confirm) => Promise<boolean>;

export const SurfaceContext = createContext<Surface | null>(null);

export function useSurface(): Surface {
  const surface = useContext(SurfaceContext);
  if (!surface) throw new Error("an element stands outside of a surface");
  return surface;
}
