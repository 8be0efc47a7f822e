// What a pass over a tunnel carries from step to step, and what comes of a step.

import type { Observed } from "../domain/observed.ts";
import type { Obstacle } from "../domain/obstacle.ts";
import type { Target } from "../domain/plan.ts";
import type { Progress, StepName } from "../domain/progress.ts";
import type { Access } from "./access.ts";
import type { Dns } from "./dns.ts";
import type { CrossedWrite, Tunnels } from "./tunnel.ts";
import type { Visitor } from "./visit.ts";
import type { Zones } from "./zones.ts";

/** What came of a step for one exposure. `wait` ends the pass for it; `refused` closes it; `reached` is a stranger who
 *  got through. */
export type Outcome = { exposureId: string } & (
  | { kind: "done"; progress?: Partial<Progress>; step?: StepName }
  | { kind: "wait"; waiting: string | null; afterMs: number | null; progress?: Partial<Progress> }
  | { kind: "refused"; because: Obstacle }
  | { kind: "reached"; status: number }
);

/** Another pass has taken over, or one of the exposures to be routed is not wanted open any more. Nobody's fault. */
export type MayNotWrite = "overtaken" | "unwanted-meanwhile";

/** One pass over a tunnel. `observed` is kept up to date by the steps. */
export type Pass = {
  tunnelId: string;
  targets: Map<string, Target>;
  observed: Observed;
  /** Ids of the applications that the account's list showed, before the pass made any. */
  listed: ReadonlySet<string>;
  /** When the look began that `observed` comes from. */
  observedAt: number;
  writes: {
    /** Until when a write of an earlier pass that nobody saw answered may be carried out; null when there is none. */
    lateUntil: Date | null;
    /** Null where the pass may write. */
    begin(opening: string[]): Promise<MayNotWrite | null>;
    answered(): Promise<void>;
    crossed(write: CrossedWrite): Promise<void>;
  };
};

/** What a write of the configuration takes of a pass, and fills in. */
export type RoutesPass = Pick<Pass, "tunnelId" | "observedAt" | "writes"> & {
  observed: Pick<Observed, "config" | "connectors" | "applications">;
};

export type EdgeTools = {
  access: Access;
  dns: Dns;
  zones: Pick<Zones, "idsOf" | "idFor">;
  tunnels: Tunnels;
  visitor: Visitor;
  installation: string;
  visitTokenId: string | null;
  team: () => string;
  now: () => Date;
  proof: { visits: number; intervalMs: number };
};

/** The outcome of a step that serves one exposure. */
export type One = Outcome extends infer O ? (O extends Outcome ? Omit<O, "exposureId"> : never) : never;
