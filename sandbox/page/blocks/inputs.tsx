// Text, number, email, URL, date and time fields.
import type { ElementProps } from "./element.tsx";
import { useSurface } from "./surface.ts";
import { textOf } from "./types.ts";

const INPUT_MODES: Record<string, "email" | "url"> = { email_text_input: "email", url_text_input: "url" };
const DATE_TYPES: Record<string, "date" | "time" | "datetime-local"> = {
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

export function TextField({ blockId, element, input, inputId, describedBy, invalid, label }: ElementProps) {
  const { form, act } = useSurface();
  const value = String(form.entry(blockId, element) ?? "");
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const onInput = (event: Event) => {
    const entered = (event.target as HTMLInputElement).value;
    form.set(blockId, element, entered);
    if (input?.dispatches && on.includes("on_character_entered")) void act(blockId, element, entered);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || element.multiline) return;
    if (input?.dispatches && on.includes("on_enter_pressed")) {
      event.preventDefault();
      void act(blockId, element, value);
    }
  };
  const shared = {
    id: inputId,
    value,
    placeholder: textOf(element.placeholder),
    "aria-describedby": describedBy,
    "aria-invalid": invalid,
    "aria-label": inputId ? undefined : (label ?? "Text"),
    "data-autofocus": element.focus_on_load ? "" : undefined,
    onInput,
    onKeyDown,
  };
  if (element.multiline) return <textarea rows={3} {...shared} />;
  const numeric = element.is_decimal_allowed ? "decimal" : "numeric";
  const mode = element.type === "number_input" ? numeric : INPUT_MODES[element.type];
  return <input type="text" inputMode={mode} {...shared} />;
}

export function DateField({ blockId, element, input, inputId, describedBy, invalid, label }: ElementProps) {
  const { form, act } = useSurface();
  const entry = form.entry(blockId, element);
  const onChange = (event: Event) => {
    const entered = fromField(element.type, (event.target as HTMLInputElement).value);
    if (!input || input.dispatches) void act(blockId, element, entered);
    else form.set(blockId, element, entered);
  };
  return (
    <input
      id={inputId}
      type={DATE_TYPES[element.type] ?? "date"}
      value={toField(element.type, String(entry ?? ""))}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      aria-label={inputId ? undefined : (label ?? textOf(element.placeholder)) || "Date"}
      onChange={onChange}
    />
  );
}

/** Slack keeps a date with time in seconds since 1970, the browser's field in local time. */
function toField(type: string, value: string): string {
  if (type !== "datetimepicker" || value === "") return value;
  const date = new Date(Number(value) * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fromField(type: string, value: string): string | null {
  if (value === "") return null;
  return type === "datetimepicker" ? String(Math.floor(new Date(value).getTime() / 1000)) : value;
}
