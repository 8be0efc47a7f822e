// Keeps the Tab key inside a dialog.
const FOCUSABLE =
  "button:not([disabled]), input:not([disabled]), textarea:not([disabled]), a[href], select, summary";

export function keepFocusIn(dialog: HTMLElement | null, event: KeyboardEvent): void {
  if (event.key !== "Tab" || !dialog) return;
  const all = [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const first = all[0];
  const last = all.at(-1);
  const at = document.activeElement;
  if (event.shiftKey && (at === first || at === dialog)) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first?.focus();
  }
}
