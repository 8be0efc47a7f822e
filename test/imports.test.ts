// Imports point to the domain: what each part of src may know. Whatever is not named here puts parts together and may know all.
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, textOf } from "./deploy/repository.ts";

// A folder ends with a slash. `type …`: its types only, of which nothing is left when the bot runs.
const MAY_IMPORT: Record<string, string[]> = {
  "domain/": ["domain/"],
  "views/": ["views/", "domain/", "type @slack/types"],
  "store/": ["store/", "domain/", "time-limit.ts", "any package"],
  "services/": ["services/", "domain/", "log.ts", "redaction.ts", "time-limit.ts", "any package"],
  "jobs/": ["jobs/", "domain/", "store/", "services/", "views/", "type clock.ts", "any package"],
  "handlers/": [
    ...["handlers/", "domain/", "views/", "type store/", "time-limit.ts"],
    ...["type @slack/bolt", "type @slack/types", "type pino"],
    // They read at vendors and change nothing there: what they may ask, and how an answer fails, or the store's.
    ...["slack", "people", "cloud-run", "surroundings"].map((name) => `type services/${name}.ts`),
    ...["services/failure.ts", "store/away.ts"],
  ],
  "log.ts": ["redaction.ts", "any package"],
  "clock.ts": ["any package"],
  "redaction.ts": [],
  "time-limit.ts": [],
};

const IMPORT =
  /^(?:import|export) (type )?[\w*{][^;"()=]*? from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"/gm;

function importsOf(file: string): string[] {
  return [...textOf(join("src", file)).matchAll(IMPORT)].map(([, type = "", from, bare, late]) => {
    const path = from ?? bare ?? late ?? "";
    return type + (path.startsWith(".") ? join(dirname(file), path) : path);
  });
}

function isIn(allowed: string, imported: string): boolean {
  if (allowed === "any package") return !imported.endsWith(".ts");
  const found = allowed.startsWith("type ") ? imported : imported.replace(/^type /, "");
  return found === allowed || (allowed.endsWith("/") && found.startsWith(allowed));
}

const files = filesBelow("src", ".ts").map((file) => file.slice("src/".length));

test.each(Object.entries(MAY_IMPORT))("%s imports nothing that it may not know", (part, allowed) => {
  const mine = files.filter((file) => file === part || (part.endsWith("/") && file.startsWith(part)));
  expect(mine).not.toEqual([]);
  const others = mine.flatMap((file) =>
    importsOf(file)
      .filter((imported) => !allowed.some((each) => isIn(each, imported)))
      .map((imported) => `${file} <- ${imported}`),
  );
  expect(others).toEqual([]);
});
