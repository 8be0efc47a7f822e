// Whether a wish for more time could be granted at all: by neither who asked for the exposure nor who asks for more.
import { expect, it } from "vitest";
import { approvalsOf, whyNobodyCould } from "../../src/domain/approvals.ts";
import { lee, mina, openExposure, sampleExposure } from "./exposure-sample.ts";
import { vote } from "./transition-events.ts";

it.each<
  [asker: string, approvers: string[], approvals: number, left: number | null, requesterCould: boolean]
>([
  ["U0ASHA", ["U0LEE"], 1, null, false],
  ["U0ASHA", ["U0ASHA"], 1, 0, false],
  ["U0ASHA", ["U0ASHA", "U0LEE"], 2, 1, false],
  ["U0LEE", ["U0LEE"], 1, 0, true],
  ["U0LEE", ["U0LEE", "U0MINA"], 2, 1, true],
  ["U0LEE", ["U0LEE", "U0MINA", "U0ASHA"], 2, 1, true],
  ["U0LEE", ["U0LEE", "U0ASHA"], 2, 0, false],
  ["U0LEE", ["U0LEE", "U0MINA"], 1, null, true],
  ["U0ASHA", [], 1, 0, false],
])("asked by %s, of the approvers %j, %i needed", (asker, approvers, approvals, left, requesterCould) => {
  expect(whyNobodyCould(openExposure(), asker, approvers, approvals)).toEqual(
    left === null ? null : { because: "nobody-could-approve", approvals, approvers: left, requesterCould },
  );
});

it("a denial is no approval, whoever else approves", () => {
  const votes = [vote(lee, 1), { ...vote(mina, 1), decision: "deny" as const }];
  expect(approvalsOf(sampleExposure({ votes })).map(({ person }) => person)).toEqual([lee]);
});
