// Every button under "Tunnel" with the real bot: the alert names the cause and the setting to change, and Heal resolves it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { incidents, untilIncident } from "../tunnels.ts";
import { createWorld, textOf, type World } from "../world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld({ cloudflared: { timeScale: 0.03 }, env: { LOOK_SECONDS: "0.5" } });
});
afterAll(() => world.close());

async function press(lever: string, body: object = {}): Promise<void> {
  const response = await fetch(`${world.sandbox.url}/cloudflared/${lever}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

/** In vain, it tells what the channel shows. */
async function waits<T>(what: string, check: () => T): Promise<NonNullable<T>> {
  return await world.until(what, check, 90).catch((error: Error) => {
    throw new Error([error.message, ...incidents(world).map(textOf)].join("\n\n"));
  });
}

/** Over, and so long ago that the next trouble is no relapse: a relapse keeps its message, and for a while its cause. */
async function heal(): Promise<void> {
  await press("heal");
  await waits("every incident is over", () =>
    incidents(world).every((each) => textOf(each).includes("Over: ")),
  );
  world.sandbox.shared.clock.forward(3_600_000);
}

test.each([
  ["block-quic", {}, "quic-blocked", "TUNNEL_TRANSPORT_PROTOCOL=http2"],
  ["block-7844", {}, "tcp-7844-blocked", "private-ranges-only"],
  ["bad-token", {}, "token-rejected", "Secret Manager"],
  ["edge-dns", {}, "edge-dns", "DNS"],
  ["misplaced-flag", {}, "bad-flags", "flag"],
  ["drop-one", {}, "degraded", "connection"],
  ["wrong-host", {}, "origin-host", "httpHostHeader"],
  ["crash-loop", {}, "liveness-loop", "livenessProbe"],
] as const)("%s %o: the alert says %s", async (lever, body, cause, words) => {
  await press(lever, body);
  const incident = await waits(`an open incident says ${cause}`, () =>
    incidents(world).find((each) => {
      const said = textOf(each);
      return said.includes(`docs/runbook/${cause}.md`) && !said.includes("Over: ");
    }),
  );
  expect(textOf(incident)).toContain(words);
  await heal();
});

test("three times all connections lost within ten minutes is flapping", async () => {
  for (let time = 1; time <= 3; time++) {
    await press("drop-all");
    await world.until("they are back", () => {
      const connectors = world.sandbox.cloudflare.connectors.of(world.sandbox.tunnel?.tunnelId ?? "");
      return connectors.length === 2 && connectors.every(({ connections }) => connections.length === 4);
    });
    const second = Math.floor(Date.now() / 1000);
    await world.until("a second has passed", () => Math.floor(Date.now() / 1000) > second + 1);
  }
  await untilIncident(world, "docs/runbook/h2-flap.md");
});
