// The modal on top of a person's stack, over the Slack window only: the city stays usable.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Delivery, SlackView } from "../contract.ts";
import { post } from "./api.ts";
import { Blocks } from "./blocks/block.tsx";
import { problemsIn } from "./blocks/form.ts";
import { withEmoji } from "./blocks/mrkdwn.tsx";
import { SurfaceContext } from "./blocks/surface.ts";
import { type Block, type Text, textOf } from "./blocks/types.ts";
import { useDesk } from "./desk.ts";
import { keepFocusIn } from "./focus.ts";
import { useViewSurface } from "./view-surface.ts";

export function ModalStack() {
  const { state } = useDesk();
  const top = state.modals.at(-1);
  return top ? <Modal key={top.id} view={top} stacked={state.modals.length > 1} /> : null;
}

function Modal({ view, stacked }: { view: SlackView; stacked: boolean }) {
  const { state, perform } = useDesk();
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState(false);
  const [sending, setSending] = useState(false);
  const dialog = useRef<HTMLDivElement>(null);
  const { surface, form } = useViewSurface(view, { ...view.errors, ...problems });
  const { title, submit, close, blocks, submit_disabled: disabled } = view.view as Record<string, unknown>;

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    return () => before?.focus?.();
  }, []);
  const hash = view.hash;
  useEffect(() => {
    if (!dialog.current?.contains(document.activeElement)) focusFirst(dialog.current);
  }, [hash]);
  const refused = JSON.stringify(view.errors ?? {});
  useEffect(() => {
    const field = dialog.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  }, [problems, refused]);

  const dismiss = () => void perform(post("/slack/close-view", { user: state.as, viewId: view.id }));
  const send = async () => {
    const found = problemsIn(form);
    setProblems(found);
    setTrouble(false);
    if (Object.keys(found).length > 0 || sending) return;
    setSending(true);
    const body = { user: state.as, viewId: view.id, values: form.values() };
    const delivery = await perform<Delivery>(post("/slack/submit", body));
    setTrouble(delivery?.outcome === "failed");
    setSending(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") dismiss();
    else keepFocusIn(dialog.current, event);
  };
  return (
    <div class="modal-shade">
      <div
        class="modal"
        role="dialog"
        aria-modal="true"
        aria-labelledby="modal-title"
        ref={dialog}
        onKeyDown={onKeyDown}
        tabIndex={-1}
      >
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <header>
            {stacked && (
              <button type="button" class="back" aria-label="Back" onClick={dismiss}>
                ‹
              </button>
            )}
            <h2 id="modal-title">{withEmoji(textOf(title as Text))}</h2>
            <button type="button" class="close" aria-label="Close" onClick={dismiss}>
              ×
            </button>
          </header>
          <div class="modal-body">
            {trouble && (
              <p class="modal-trouble" role="alert">
                We had some trouble connecting. Try again?
              </p>
            )}
            <SurfaceContext.Provider value={surface}>
              <Blocks blocks={(blocks ?? []) as Block[]} />
            </SurfaceContext.Provider>
          </div>
          <footer>
            <button type="button" class="slack-button" onClick={dismiss}>
              {withEmoji(textOf(close as Text) || (submit ? "Cancel" : "Close"))}
            </button>
            {Boolean(submit) && (
              <button
                type="submit"
                class="slack-button primary"
                data-submit
                disabled={sending || disabled === true}
                aria-busy={sending}
              >
                {withEmoji(textOf(submit as Text))}
              </button>
            )}
          </footer>
        </form>
      </div>
    </div>
  );
}

function focusFirst(dialog: HTMLElement | null): void {
  const wanted = dialog?.querySelector<HTMLElement>("[data-autofocus]");
  const field = dialog?.querySelector<HTMLElement>(".modal-body input, .modal-body textarea");
  (wanted ?? field ?? dialog)?.focus();
}
