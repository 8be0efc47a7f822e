// The section `health` of the policy file: how long trouble with a tunnel has to stand before it is told, and to whom.
import { z } from "zod";
import { DEFAULT_LIMITS } from "./domain/incident.ts";
import type { HealthPolicy } from "./domain/policy.ts";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

const NO_TIME = { error: "is not a time such as 30s, 5m or 1h" };

/** `0s`, `90s`, `5m` or `1h`: in milliseconds. */
const span = z
  .string(NO_TIME)
  .regex(/^\d{1,4}[smh]$/, NO_TIME)
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);
const atLeastTwo = z.int().min(2).max(100);

export const HealthSection = z
  .strictObject({
    outageAfter: span.default(DEFAULT_LIMITS.outageMs),
    degradedAfter: span.default(DEFAULT_LIMITS.degradedMs),
    recoveredAfter: span.default(DEFAULT_LIMITS.recoveredMs),
    flapping: z
      .strictObject({
        drops: atLeastTwo.default(DEFAULT_LIMITS.flapping.drops),
        within: span.default(DEFAULT_LIMITS.flapping.withinMs),
      })
      .prefault({}),
    restartLoop: z
      .strictObject({
        starts: atLeastTwo.default(DEFAULT_LIMITS.restartLoop.starts),
        within: span.default(DEFAULT_LIMITS.restartLoop.withinMs),
      })
      .prefault({}),
    onCall: z
      .string()
      .regex(/^S[A-Z0-9]{2,}$/, { error: "is not a Slack user group id (S…)" })
      .nullable()
      .default(null),
    runbook: z
      .url({ protocol: /^https?$/, error: "is not a web address" })
      .max(500)
      .nullable()
      .default(null),
  })
  .prefault({});

export function toHealth(section: z.output<typeof HealthSection>): HealthPolicy {
  const { outageAfter, degradedAfter, recoveredAfter, flapping, restartLoop } = section;
  return {
    limits: {
      outageMs: outageAfter,
      degradedMs: degradedAfter,
      recoveredMs: recoveredAfter,
      flapping: { drops: flapping.drops, withinMs: flapping.within },
      restartLoop: { starts: restartLoop.starts, withinMs: restartLoop.within },
    },
    onCall: section.onCall,
    runbookUrl: section.runbook,
  };
}
