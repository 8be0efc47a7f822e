// Which message a click takes away: a card of the exposure that is not the one on record, and no other message with a button.
import { expect, test } from "vitest";
import type { Click } from "../../src/handlers/inputs.ts";
import { withoutStrayCards } from "../../src/handlers/stray-card.ts";
import type { HandlerTools } from "../../src/handlers/tools.ts";
import { buttonValue } from "../../src/views/ids.ts";
import { sampleExposure } from "../domain/exposure-sample.ts";
import { quiet } from "../quiet.ts";

const CARD = { channel: "C0APPROVALS", ts: "1893499200.000200" };
const OTHER = "1893499100.000100";

test.each([
  ["an older card", { channel: CARD.channel, ts: OTHER, inThread: false }, true],
  ["the card on record", { ...CARD, inThread: false }, false],
  ["a notice in its thread", { channel: CARD.channel, ts: OTHER, inThread: true }, false],
  ["a direct message", { channel: "D0ASHA", ts: OTHER, inThread: false }, false],
  ["a list, which is no message", null, false],
])("%s", async (_, message, goes) => {
  const exposure = sampleExposure({ card: CARD });
  const tools: Partial<HandlerTools> = { log: quiet, exposures: { load: async () => exposure } as never };
  const done: string[] = [];
  const click: Partial<Click> = {
    value: buttonValue(exposure.id, exposure.digest),
    message,
    discard: async () => void done.push("discarded"),
  };
  const handle = async () => void done.push("handled");
  await withoutStrayCards(tools as HandlerTools, handle)(click as Click);
  expect(done).toEqual(goes ? ["handled", "discarded"] : ["handled"]);
});
