// Scenes for plans: nothing at the vendors, everything as it should be, and exposures on their way.
import type { Exposure } from "../../src/domain/exposure.ts";
import type { Observed, Rule } from "../../src/domain/observed.ts";
import { plan, type Step } from "../../src/domain/plan.ts";
import { targetOf } from "../../src/domain/target.ts";
import { parseConfig } from "../../src/services/tunnel-config.ts";
import { approvedExposure, openExposure, TUNNEL_ID } from "./exposure-sample.ts";
import { idealApplication, idealRecord, rawRoute, TEAM } from "./model-world.ts";

export const RULES = { proofs: 3, team: TEAM, visitTokenId: null };
export const LOCK = { required: true, teamName: TEAM, audTag: ["aud-1"] };

/** Nothing stands there. */
export function nothing(rules: Rule["raw"][] = []): Observed {
  const config = parseConfig({
    version: 5,
    config: { ingress: [...rules, { service: "http_status:404" }] },
  })!;
  return {
    tunnel: { id: TUNNEL_ID, name: "bridge", remotelyManaged: true, status: "healthy" },
    config,
    connectors: [{ id: "c1", configVersion: 5, version: "2026.11.0", openedAt: null }],
    applications: [],
    groups: [],
    identityProviders: [],
    records: [],
  };
}

export function routeOf(exposure: Exposure, lock: object | null = LOCK): Rule["raw"] {
  return rawRoute(exposure.hostname, exposure.service.url ?? "", lock);
}

/** Everything stands as an open exposure wants it. */
export function everything(exposure: Exposure, rules: Rule["raw"][] = [routeOf(exposure)]): Observed {
  const target = targetOf(exposure);
  return {
    ...nothing(rules),
    applications: [idealApplication(target, "app-1", "aud-1")],
    records: [idealRecord(target, "record-1")],
  };
}

export function known(exposure: Exposure, gateProofs = 0): Exposure {
  const progress = {
    ...exposure.progress,
    applicationId: "app-1",
    aud: "aud-1",
    auds: ["aud-1"],
    gateProofs,
  };
  return { ...exposure, progress: { ...progress, routedVersion: exposure.openedAt ? 5 : null } };
}

export const opening = approvedExposure({ phase: "opening" });
export const open = known(openExposure());
export const closing = known(openExposure({ phase: "closing" }));

export function kinds(exposures: Exposure[], observed: Observed): string[] {
  const nameOf = (step: Step) => `${step.kind} ${step.exposureIds.join("+")}`;
  return plan(exposures.map(targetOf), observed, RULES).map((stage) => stage.map(nameOf).join(", "));
}
