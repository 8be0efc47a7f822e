// How production starts the bot: as `npm start` does, by the bundle.
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };

/** Arguments for Node; `folder` is where the bundle is. */
export function startIn(folder: string): string[] {
  const [, ...args] = manifest.scripts.start.split(" ");
  return args.map((arg) => (arg === "src/main.ts" ? join(folder, "main.js") : arg));
}
