// Short notes at the foot of the page: a click that failed, a line that is not a command.
import { useState } from "preact/hooks";

export type Toast = { id: number; text: string };

const SHOWN_MS = 9000;
let next = 1;

export function useToasts(): { toasts: Toast[]; toast(text: string): void; dismiss(id: number): void } {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const dismiss = (id: number) => setToasts((all) => all.filter((each) => each.id !== id));
  const toast = (text: string) => {
    const id = next++;
    setToasts((all) => [...all.slice(-2), { id, text }]);
    setTimeout(() => dismiss(id), SHOWN_MS);
  };
  return { toasts, toast, dismiss };
}

export function Toasts({ toasts, dismiss }: { toasts: Toast[]; dismiss(id: number): void }) {
  return (
    <div class="toasts" role="status" aria-label="Notices">
      {toasts.map(({ id, text }) => (
        <p key={id} class="toast">
          <span aria-hidden="true">⚠</span>
          <span>{text}</span>
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
