// Draws SVG as PNG, with fonts of our own: the image that the bot runs in has none.
import { fileURLToPath } from "node:url";
import { renderAsync } from "@resvg/resvg-js";

const FONTS = ["inter-regular.ttf", "inter-semibold.ttf"].map((name) =>
  fileURLToPath(new URL(`fonts/${name}`, import.meta.url)),
);

/** Twice the size that the SVG asks for, so that it is sharp on every screen. Letters beyond ASCII show as nothing. */
export async function drawPng(svg: string): Promise<Buffer> {
  const image = await renderAsync(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: "Inter" },
  });
  return image.asPng();
}
