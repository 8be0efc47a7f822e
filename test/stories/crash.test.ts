// kill -9 at the most telling calls of an exposure's life, with the bot as a process of its own: restarted, it goes on and
// ends right, and nothing that was acked is lost. `npm run test:soak` kills at every call.
import { expect, test } from "vitest";
import { type Cell, runMatrix, withWorld } from "../crash-matrix.ts";
import { askAndApprove } from "../exposing.ts";
import type { Part } from "../killed-story.ts";
import { armKill, type Moment } from "../kills.ts";
import { expectLateRouteGated } from "../late-route.ts";
import type { World } from "../world.ts";

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
])(
  "killed in an opening, an extension and a closing, on $engine",
  async ({ cells, embedded }) => {
    const outcomes = await runMatrix(cells, 1, { embedded });
    expect(outcomes.filter(({ wrong, met }) => wrong !== null || !met)).toEqual([]);
    expect(outcomes).toHaveLength(cells.length);
  },
  120_000,
);

test("killed while its route is on the way, and closed: the application stands until that write can no longer land", () =>
  withWorld({}, async (world) => {
    const { shared } = world.sandbox;
    const { late, host } = await killedWhileRouting(world);
    const asha = world.asha;
    await world.until(
      "Close is taken",
      async () => (await asha.presses("Close", world.card(host))).outcome === "acked",
    );
    shared.faults.clear();
    await expectLateRouteGated(world, host, late);
  }));

/** Cloudflare has the write and has not carried it out; the bot is back, and can see nothing of the tunnel yet. */
async function killedWhileRouting(world: World) {
  const { journal, faults } = world.sandbox.shared;
  const kill = armKill(world, { call: CONFIG, nth: 1, moment: "before" });
  const host = await askAndApprove(world, { service: "returns" });
  await world.until("it is killed", kill.struck);
  faults.add({
    vendor: "cloudflare",
    path: "/connections$",
    times: 0,
    effect: { kind: "status", status: 503 },
  });
  await kill.back();
  const put = journal
    .entries()
    .findLast((each) => each.method === "PUT" && each.path.endsWith("/configurations"));
  const { config } = put!.body as { config: Record<string, unknown> };
  return { late: config, host };
}
