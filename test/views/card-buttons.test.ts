import { describe, expect, it } from "vitest";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { actions, parseButtonValue } from "../../src/views/ids.ts";
import { buttons, buttonsOf } from "./reading.ts";
import { context, exposure, extension, later, PHASES } from "./samples.ts";

describe("buttons", () => {
  it.each([
    ["pending", ["Approve", "Approve Shorter", "Deny", "Withdraw"]],
    ["approved", ["Close"]],
    ["opening", ["Close"]],
    ["open", ["Close", "Extend"]],
    ["closing", []],
    ["closed", ["Request Again"]],
    ["denied", ["Request Again"]],
    ["withdrawn", ["Request Again"]],
    ["lapsed", ["Request Again"]],
  ] as const)("of a card that is %s", (phase, labels) => {
    expect(buttonsOf(exposureCard(exposure(phase), context()))).toEqual(labels);
  });

  it("go once the request is past its lapse", () => {
    expect(buttonsOf(exposureCard(exposure("pending"), context({ now: later(480) })))).toEqual([]);
  });

  it("are in one row of a pending card, with Approve alone in colour", () => {
    const card = exposureCard(exposure("pending"), context());
    expect(card.blocks.filter((block) => block.type === "actions")).toHaveLength(1);
    expect(buttons(card).map((each) => each.style)).toEqual(["primary", undefined, undefined, undefined]);
  });

  it("ask again before closing", () => {
    const close = buttons(exposureCard(exposure("open"), context()))[0];
    expect(close).toMatchObject({ action_id: actions.close, style: "danger", confirm: { style: "danger" } });
  });

  it.each([
    ["open", "stops working at once and everybody is logged out.", "Keep Open"],
    ["opening", "will not be opened. What was made for it so far is taken away.", "Keep"],
    ["approved", "will not be opened. What was made for it so far is taken away.", "Keep"],
  ] as const)("say what closing does to one that is %s", (phase, then, keep) => {
    const close = buttons(exposureCard(exposure(phase), context())).find(
      (each) => each.action_id === actions.close,
    );
    expect(close?.confirm).toMatchObject({
      text: { text: `billing.example.com ${then}` },
      deny: { text: keep },
    });
  });

  it("carry the exposure and the plan that is shown, and nothing else", () => {
    for (const phase of PHASES) {
      for (const each of buttons(exposureCard(exposure(phase), context()))) {
        expect(parseButtonValue(each.value)).toEqual({ id: "01HZ3V9QK4", digest: "d1g3st" });
      }
    }
  });

  it("come in a new block for every version", () => {
    const idOf = (version: number) =>
      exposureCard(exposure("pending", { version }), context()).blocks.find(
        (block) => block.type === "actions",
      )?.block_id;
    expect(idOf(1)).not.toBe(idOf(2));
  });

  it("of a wish for more time stand beside Close, and Extend waits", () => {
    const card = exposureCard(exposure("open", { extension: extension() }), context());
    expect(buttonsOf(card)).toEqual(["Approve", "Deny", "Withdraw", "Close"]);
    expect(buttons(card).map((each) => each.action_id)).toEqual([
      actions.approveExtension,
      actions.denyExtension,
      actions.withdraw,
      actions.close,
    ]);
  });
});
