// The confirm dialog that an element may ask for before it acts.
import { useEffect, useRef } from "preact/hooks";
import { TextObject } from "./blocks/mrkdwn.tsx";
import { type Confirm, textOf } from "./blocks/types.ts";

export function ConfirmDialog({ confirm, onAnswer }: { confirm: Confirm; onAnswer(yes: boolean): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class="confirm"
      ref={dialog}
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        onAnswer(false);
      }}
    >
      <h2 id="confirm-title">{textOf(confirm.title) || "Are you sure?"}</h2>
      <p>
        <TextObject text={confirm.text} />
      </p>
      <footer>
        <button type="button" class="slack-button" onClick={() => onAnswer(false)}>
          {textOf(confirm.deny) || "Cancel"}
        </button>
        <button
          type="button"
          class={`slack-button ${confirm.style ?? "primary"}`}
          onClick={() => onAnswer(true)}
        >
          {textOf(confirm.confirm) || "Yes"}
        </button>
      </footer>
    </dialog>
  );
}
