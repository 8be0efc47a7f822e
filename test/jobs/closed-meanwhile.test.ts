// What somebody closes while a pass is under way gets no further step of an opening, and is taken down in the same job.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { lee } from "../domain/exposure-sample.ts";
import { converge, decide, exposuresOf } from "../domain/model-bot.ts";
import { expectLawful } from "../domain/model-ends.ts";
import { begin } from "../domain/model-jobs.ts";
import { sceneOf } from "../domain/model-states.ts";
import { HARMLESS } from "../domain/model-vendors.ts";

test("closed right after its application was made: no record is made any more", async () => {
  const approved = { phase: "approved", application: "none", record: "none", noted: true } as const;
  const bot = begin(sceneOf(approved, approved));
  const [closed, other] = exposuresOf(bot).map(({ id }) => id) as [string, string];
  const phase = () => (exposuresOf(bot)[0] as Exposure).phase;
  const beat = () => {
    if (phase() !== "opening" || !bot.world.writes.includes(`application ${closed}`)) return;
    const close = { kind: "close", by: lee, at: bot.now, right: null, detail: null } as const;
    decide(bot, closed, { ...close, because: "approver" });
  };
  await converge(bot, { ...HARMLESS, beat });
  expectLawful(bot);
  expect(bot.world.writes).toContain(`record ${other}`);
  expect(bot.world.writes.filter((write) => write.endsWith(` ${closed}`))).toEqual([
    `application ${closed}`,
    `revoke ${closed}`,
    `remove-application ${closed}`,
  ]);
});
