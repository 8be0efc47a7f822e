// Bundles the page with Vite when it is first asked for, and keeps the result in memory.
import { fileURLToPath } from "node:url";
import { build } from "vite";

export type PageFile = { type: string; content: string };

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

let bundled: Promise<Map<string, PageFile>> | null = null;

/** The page's files by path, such as `/page/index.html`. A failed build is tried again at the next call. */
export function bundlePage(): Promise<Map<string, PageFile>> {
  bundled ??= bundle().catch((error: unknown) => {
    bundled = null;
    throw error;
  });
  return bundled;
}

async function bundle(): Promise<Map<string, PageFile>> {
  const result = await build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "/page/",
    configFile: false,
    logLevel: "error",
    publicDir: false,
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: { write: false, modulePreload: false, target: "es2022" },
  });
  const files = new Map<string, PageFile>();
  for (const output of [result].flat()) {
    if (!("output" in output)) continue;
    for (const file of output.output) {
      const content = file.type === "chunk" ? file.code : file.source;
      const text = typeof content === "string" ? content : Buffer.from(content).toString();
      files.set(`/page/${file.fileName}`, {
        type: TYPES[file.fileName.split(".").at(-1) ?? ""] ?? "text/plain",
        content: text,
      });
    }
  }
  return files;
}
