// The buttons of a card, by what may still be decided. Who clicked is checked by the handler, not here.
import type { ActionsBlock, Button, ConfirmationDialog } from "@slack/types";
import { type Exposure, type Extension, isClosable } from "../domain/exposure.ts";
import { actions } from "./ids.ts";
import { button, plainText } from "./parts.ts";
import { plain } from "./plain-text.ts";
import { duration } from "./time-words.ts";

/** A changed plan comes with a new block id, so that no client shows an old block's state. `denyOnly`: nobody may approve. */
export function decisionButtons(exposure: Exposure, now: Date, denyOnly = false): ActionsBlock[] {
  if (exposure.phase !== "pending" || now >= exposure.lapsesAt) return [];
  const host = plain(exposure.hostname, 40);
  const approving = [
    button("Approve", actions.approve, exposure, { style: "primary", label: `Approve ${host}` }),
    button("Approve Shorter", actions.approveShorter, exposure, {
      label: `Approve ${host} for a shorter time`,
    }),
  ];
  return row(`decide-${exposure.version}`, [
    ...(denyOnly ? [] : approving),
    button("Deny", actions.deny, exposure, { label: `Deny ${host}` }),
    withdrawButton(exposure),
  ]);
}

export function extensionButtons(exposure: Exposure, now: Date, denyOnly = false): ActionsBlock[] {
  const { extension } = exposure;
  if (exposure.phase !== "open" || !extension || now >= extension.lapsesAt) return [];
  const more = moreTime(exposure, extension);
  const approve = button("Approve", actions.approveExtension, exposure, {
    style: "primary",
    label: `Approve ${more}`,
  });
  return row(`decide-extension-${exposure.version}`, [
    ...(denyOnly ? [] : [approve]),
    button("Deny", actions.denyExtension, exposure, { label: `Deny ${more}` }),
    withdrawButton(exposure),
  ]);
}

/** While it stands at the vendors it can be closed; while it is open and nobody has asked yet, extended. */
export function liveButtons(exposure: Exposure): ActionsBlock[] {
  if (!isClosable(exposure)) return [];
  const extendable = exposure.phase === "open" && !exposure.extension;
  return row(`live-${exposure.version}`, [
    closeButton(exposure),
    ...(extendable
      ? [button("Extend", actions.extend, exposure, { label: `Extend ${plain(exposure.hostname, 40)}` })]
      : []),
  ]);
}

export function againButton(exposure: Exposure): ActionsBlock[] {
  if (!["closed", "denied", "withdrawn", "lapsed"].includes(exposure.phase)) return [];
  return row(`again-${exposure.version}`, [button("Request Again", actions.requestAgain, exposure)]);
}

/** Of the request, or of the wish for more time. */
export function withdrawButton(exposure: Exposure): Button {
  const { extension, hostname } = exposure;
  const what = extension
    ? `the wish for ${moreTime(exposure, extension)}`
    : `your request for ${plain(hostname, 40)}`;
  return button("Withdraw", actions.withdraw, exposure, { label: `Withdraw ${what}` });
}

function moreTime({ hostname }: Exposure, { minutes }: Extension): string {
  return `${duration(minutes)} more for ${plain(hostname, 40)}`;
}

export function closeButton(exposure: Exposure): Button {
  return button("Close", actions.close, exposure, {
    style: "danger",
    label: `Close ${plain(exposure.hostname, 40)}`,
    confirm: closeConfirm(exposure),
  });
}

function closeConfirm({ hostname, openedAt }: Exposure): ConfirmationDialog {
  const then = openedAt
    ? "stops working at once and everybody is logged out."
    : "will not be opened. What was made for it so far is taken away.";
  return {
    title: plainText("Close this exposure?", 100),
    text: plainText(`${plain(hostname, 100)} ${then}`, 300),
    confirm: plainText("Close", 30),
    deny: plainText(openedAt ? "Keep Open" : "Keep", 30),
    style: "danger",
  };
}

function row(blockId: string, elements: Button[]): ActionsBlock[] {
  return [{ type: "actions", block_id: blockId, elements }];
}
