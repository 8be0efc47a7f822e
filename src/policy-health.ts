// The section `health` of the policy file: how long trouble with a tunnel has to stand before it is told, and to whom.
import { z } from "zod";
import type { HealthPolicy } from "./domain/policy.ts";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `0s`, `90s`, `5m` or `1h`: in milliseconds. */
const span = z
  .string()
  .regex(/^\d{1,4}[smh]$/, { error: "is not a time such as 30s, 5m or 1h" })
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);
const atLeastTwo = z.int().min(2).max(100);

export const HealthSection = z
  .strictObject({
    outageAfter: span.default(60_000),
    degradedAfter: span.default(300_000),
    recoveredAfter: span.default(60_000),
    flapping: z.strictObject({ drops: atLeastTwo.default(3), within: span.default(600_000) }).prefault({}),
    restartLoop: z
      .strictObject({ starts: atLeastTwo.default(3), within: span.default(600_000) })
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
