// A button with a menu under it, for the mouse and the keyboard.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export type MenuItem = {
  id: string;
  label: string;
  detail?: string;
  picture?: ComponentChildren;
  checked?: boolean;
};

type Props = {
  label: string;
  button: ComponentChildren;
  buttonClass: string;
  items: MenuItem[];
  align?: "left" | "right";
  onChoose(id: string): void;
};

export function Menu({ label, button, buttonClass, items, align = "left", onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const checked = frame.current?.querySelector<HTMLElement>("[aria-checked=true]");
    (checked ?? frame.current?.querySelector<HTMLElement>("[data-item]"))?.focus();
    const outside = (event: MouseEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("mousedown", outside);
    return () => document.removeEventListener("mousedown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") setOpen(false);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      moveFocus(frame.current, event.key === "ArrowDown" ? 1 : -1);
    }
  };
  return (
    <div class={`menu ${align}`} ref={frame}>
      <button
        type="button"
        ref={opener}
        class={buttonClass}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div class="menu-items" role="menu" tabIndex={-1} aria-label={label} onKeyDown={onKey}>
          {items.map((item) => (
            <button
              key={item.id}
              type="button"
              {...roleOf(item)}
              data-item
              onClick={() => {
                close();
                onChoose(item.id);
              }}
            >
              {item.picture}
              <span>
                {item.label}
                {item.detail && <small>{item.detail}</small>}
              </span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function moveFocus(frame: HTMLElement | null, step: number): void {
  const items = [...(frame?.querySelectorAll<HTMLElement>("[data-item]") ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
}

function roleOf({ checked }: MenuItem) {
  if (checked === undefined) return { role: "menuitem" as const };
  return { role: "menuitemradio" as const, "aria-checked": checked };
}
