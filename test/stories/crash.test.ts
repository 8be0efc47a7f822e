// kill -9 at the most telling calls of an exposure's life, with the bot as a process of its own: restarted, it goes on and
// ends right, and nothing that was acked is lost. `npm run test:soak` kills at every call.
import { expect, test } from "vitest";
import { type Cell, runMatrix } from "../crash-matrix.ts";
import type { Part } from "../killed-story.ts";
import type { Moment } from "../kills.ts";

const CONFIG = "cloudflare PUT /accounts/{id}/cfd_tunnel/{id}/configurations";
const APPLICATION = "cloudflare POST /accounts/{id}/access/apps";
const POST = "slack POST /api/chat.postMessage";

function cell(part: Part, call: string, moment: Moment, nth = 1): Cell {
  return { part, call, moment, nth };
}

const ON_POSTGRES = [
  cell("opening", APPLICATION, "answer lost"),
  cell("closing", CONFIG, "answer lost"),
  cell("opening", CONFIG, "answer lost"),
  cell("extension", POST, "answer lost"),
];
const EMBEDDED = [
  cell("opening", POST, "answer lost"),
  cell("closing", "cloudflare DELETE /zones/{id}/dns_records/{id}", "before"),
];

test.each([
  { engine: "Postgres", cells: ON_POSTGRES, embedded: false },
  { engine: "PGlite", cells: EMBEDDED, embedded: true },
])("killed in an opening, an extension and a closing, on $engine", async ({ cells, embedded }) => {
  const outcomes = await runMatrix(cells, 1, { embedded });
  expect(outcomes.filter(({ wrong, met }) => wrong !== null || !met)).toEqual([]);
  expect(outcomes).toHaveLength(cells.length);
});
