// What an answer to a visit means, by what the tunnel may carry at that moment.
import { describe, expect, test } from "vitest";
import type { DnsRecord, Observed, VisitVerdict } from "../../src/domain/observed.ts";
import type { Progress } from "../../src/domain/progress.ts";
import { targetOf } from "../../src/domain/target.ts";
import type { EdgeTools } from "../../src/services/edge-pass.ts";
import { proveClosed, proveGate, proveOpen } from "../../src/services/edge-proof.ts";
import { parseConfig } from "../../src/services/tunnel-config.ts";
import { openExposure, TUNNEL_ID } from "../domain/exposure-sample.ts";
import { rawRoute } from "../domain/model-world.ts";

const TUNNEL = `${TUNNEL_ID}.cfargotunnel.com`;
const open = targetOf(openExposure());
const HOST = open.hostname;
const WILDCARD = HOST.replace(/^[^.]+/, "*");
const WWW = HOST.replace(/^[^.]+/, "www");

type Scene = { progress?: Partial<Progress>; connectors?: (number | null)[]; rules?: object[] };

/** The tunnel's configuration has version 7. */
function scene({ progress = {}, connectors = [7, 7], rules = [] }: Scene) {
  const config = parseConfig({
    version: 7,
    config: { ingress: [...rules, { service: "http_status:404" }] },
  })!;
  const observed: Observed = {
    tunnel: { id: TUNNEL_ID, name: "bridge", remotelyManaged: true, status: "healthy" },
    config,
    connectors: connectors.map((configVersion, index) => ({
      id: `c${index}`,
      configVersion,
      version: "2026.11.0",
      openedAt: null,
    })),
    applications: [],
    groups: [],
    identityProviders: [],
    records: [],
  };
  const routed = { routedVersion: null, unroutedVersion: null, gateProofs: 1, ...progress };
  return { target: { ...open, progress: { ...open.progress, ...routed } }, observed };
}

function toolsFor(verdict: VisitVerdict, records: Partial<DnsRecord>[] = []): EdgeTools {
  const at = (name: string) => records.filter((each) => each.name === name) as DnsRecord[];
  const tools = {
    visitor: { visit: async () => verdict },
    proof: { visits: 3, intervalMs: 10 },
    zones: { idFor: async () => "zone-1" },
    dns: {
      answering: async (name: string) => (at(name).length > 0 ? at(name) : at(name.replace(/^[^.]+/, "*"))),
    },
  };
  return tools as unknown as EdgeTools;
}

const reached = (status = 200): VisitVerdict => ({ kind: "reached", status });
const FOREIGN = rawRoute(HOST, "http://theirs:80", null);

test("a gate is proved by so many visits in a row, and by none fewer", async () => {
  const visit = async (gateProofs: number) => {
    const { target, observed } = scene({ progress: { gateProofs } });
    return await proveGate(toolsFor({ kind: "stopped", aud: "aud-1" }), target, observed);
  };
  for (const gateProofs of [0, 1])
    expect(await visit(gateProofs)).toEqual({
      kind: "wait",
      waiting: null,
      afterMs: 10,
      progress: { gateProofs: gateProofs + 1 },
    });
  expect(await visit(2)).toEqual({ kind: "done", progress: { gateProofs: 3 }, step: "gate-proved" });
});

describe("an answer before the route", () => {
  test.each<[string, Scene, "wait" | "reached"]>([
    ["nothing of ours was ever routed", {}, "wait"],
    ["… and connectors are behind for somebody else's change", { connectors: [6, null] }, "wait"],
    ["a rule leads the hostname to a service", { rules: [FOREIGN] }, "reached"],
    ["our route was taken out and every connector knows", { progress: { unroutedVersion: 6 } }, "wait"],
    [
      "our route was taken out and one connector has an older configuration",
      { progress: { unroutedVersion: 7 }, connectors: [7, 6] },
      "reached",
    ],
    ["… or tells none", { progress: { unroutedVersion: 7 }, connectors: [7, null] }, "reached"],
    [
      "our route was in, somebody took it out, and a connector is behind",
      { progress: { routedVersion: 5, unroutedVersion: 3 }, connectors: [6, 7] },
      "reached",
    ],
  ])("%s", async (_, given, kind) => {
    const { target, observed } = scene(given);
    expect(await proveGate(toolsFor(reached()), target, observed)).toMatchObject({ kind });
  });

  test("proves nothing: what was proved before it counts no more", async () => {
    const { target, observed } = scene({});
    for (const seen of [observed, null])
      expect(await proveGate(toolsFor(reached()), target, seen)).toMatchObject({
        kind: "wait",
        waiting: expect.stringContaining("Something else still answers at this hostname (status 200)."),
        progress: { gateProofs: 0 },
      });
  });

  test("is an edge in trouble where it is a 500", async () => {
    const { target, observed } = scene({ rules: [FOREIGN] });
    expect(await proveGate(toolsFor(reached(500)), target, observed)).toMatchObject({ kind: "wait" });
  });
});

test("an answer once the route stands is a stranger who got through, whatever else answers in the zone", async () => {
  const { target } = scene({ progress: { routedVersion: 7 } });
  const tools = toolsFor(reached(), [{ name: WILDCARD, type: "A", content: "192.0.2.80" }]);
  expect(await proveOpen(tools, target)).toEqual({ kind: "reached", status: 200 });
});

test("once the route stands only our application's own word shows it open: the rest is asked again", async () => {
  const { target } = scene({ progress: { routedVersion: 7 } });
  const unproved: VisitVerdict[] = [
    { kind: "not-routed", status: 404 },
    { kind: "inconclusive", status: 403, because: "refused, but not by Access's log-in" },
    { kind: "inconclusive", status: null, because: "the name does not resolve" },
  ];
  for (const verdict of unproved)
    expect(await proveOpen(toolsFor(verdict), target)).toMatchObject({ kind: "wait", afterMs: null });
  const stopped = await proveOpen(toolsFor({ kind: "stopped", aud: "aud-1" }), target);
  expect(stopped).toEqual({ kind: "done", step: "seen-open" });
});

describe("an answer after all was taken away", () => {
  const SITE = { name: WILDCARD, type: "A", content: "192.0.2.80" };
  const alias = (name: string, content: string) => ({ name, type: "CNAME", content });

  test.each<[string, Scene, Partial<DnsRecord>[], "done" | "wait"]>([
    ["a wildcard leads elsewhere", {}, [SITE], "done"],
    ["… and no connector runs", { connectors: [] }, [SITE], "done"],
    ["… and a connector is behind", { connectors: [7, 6] }, [SITE], "wait"],
    ["… and a rule leads the hostname to a service", { rules: [FOREIGN] }, [SITE], "wait"],
    ["… and a record at the name leads to the tunnel", {}, [SITE, alias(HOST, TUNNEL)], "wait"],
    ["a record at the name leads elsewhere", {}, [{ ...SITE, name: HOST }], "done"],
    ["no record is there", {}, [], "wait"],
    ["the wildcard leads to the tunnel", {}, [alias(WILDCARD, TUNNEL.toUpperCase())], "wait"],
    ["… to another one", {}, [alias(WILDCARD, "another.cfargotunnel.com")], "done"],
    ["… out of the zone", {}, [alias(WILDCARD, "sites.example.net")], "done"],
    ["… by another name to a site", {}, [alias(WILDCARD, WWW), { ...SITE, name: WWW }], "done"],
    ["… by another name to the tunnel", {}, [alias(WILDCARD, WWW), alias(WWW, TUNNEL)], "wait"],
    ["… to itself", {}, [alias(WILDCARD, WWW)], "wait"],
  ])("%s", async (_, given, records, kind) => {
    const { target, observed } = scene(given);
    const outcome = await proveClosed(toolsFor(reached(), records), target, observed);
    expect(outcome).toMatchObject(kind === "done" ? { kind, step: "answered-elsewhere" } : { kind });
  });

  test.each([200, 404, 500])("is somebody's, whatever its status: %i", async (status) => {
    const { target, observed } = scene({});
    expect(await proveClosed(toolsFor(reached(status)), target, observed)).toMatchObject({ kind: "wait" });
  });

  test("nobody answers, Access or the catch-all does: it is closed", async () => {
    const { target, observed } = scene({ connectors: [6] });
    const verdicts: VisitVerdict[] = [
      { kind: "not-routed", status: 404 },
      { kind: "stopped", aud: "aud-1" },
      { kind: "inconclusive", status: null, because: "the name does not resolve" },
    ];
    for (const verdict of verdicts)
      expect(await proveClosed(toolsFor(verdict), target, observed)).toEqual({
        kind: "done",
        step: "seen-closed",
      });
  });
});
