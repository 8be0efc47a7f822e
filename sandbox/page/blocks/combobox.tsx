// A field with a searchable list under it: the one control behind every select.
import { useEffect, useRef, useState } from "preact/hooks";
import { OptionList } from "./option-list.tsx";
import type { OptionGroup } from "./types.ts";

export type ComboboxProps = {
  id: string;
  label?: string;
  placeholder: string;
  many: boolean;
  most?: number;
  leastQuery: number;
  chosen: string[];
  labelOf(value: string): string;
  describedBy?: string;
  invalid?: boolean;
  autofocus?: boolean;
  load(query: string): Promise<OptionGroup[]>;
  onChange(values: string[]): void;
};

const TYPING_PAUSE_MS = 200;

export function Combobox(props: ComboboxProps) {
  const { id, many, chosen, labelOf, leastQuery } = props;
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const { groups, note } = useOptions(open, query, leastQuery, props.load);
  const options = groups.flatMap((group) => group.options);

  const close = () => {
    setOpen(false);
    setQuery("");
    setActive(0);
  };
  const choose = (value: string) => {
    if (!many) {
      props.onChange([value]);
      close();
      input.current?.focus();
      return;
    }
    const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    if (props.most === undefined || next.length <= props.most) props.onChange(next);
    setQuery("");
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (key === "Escape" && open) {
      event.stopPropagation();
      close();
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else setActive(Math.max(0, Math.min(options.length - 1, active + (key === "ArrowDown" ? 1 : -1))));
    } else if (key === "Enter" && open) {
      event.preventDefault();
      const value = options[active]?.value;
      if (value) choose(value);
    } else if (key === "Backspace" && query === "" && chosen.length > 0) {
      props.onChange(chosen.slice(0, -1));
    } else if (key === "Tab") close();
  };
  return (
    <div class={open ? "combobox open" : "combobox"} ref={frame}>
      {many &&
        chosen.map((value) => (
          <span key={value} class="chosen">
            {labelOf(value)}
            <button
              type="button"
              aria-label={`Remove ${labelOf(value)}`}
              onClick={() => props.onChange(chosen.filter((each) => each !== value))}
            >
              ×
            </button>
          </span>
        ))}
      <input
        id={id}
        ref={input}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-activedescendant={open && options[active] ? `${id}-option-${active}` : undefined}
        aria-autocomplete="list"
        aria-label={props.label}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid}
        data-autofocus={props.autofocus ? "" : undefined}
        placeholder={!many && chosen[0] ? labelOf(chosen[0]) : chosen.length > 0 ? "" : props.placeholder}
        value={open || many ? query : chosen[0] ? labelOf(chosen[0]) : ""}
        onInput={(event) => {
          setQuery((event.target as HTMLInputElement).value);
          setActive(0);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onBlur={(event) => {
          if (!frame.current?.contains(event.relatedTarget as Node | null)) close();
        }}
        onKeyDown={onKeyDown}
      />
      <span class="caret" aria-hidden="true">
        ⌄
      </span>
      {open && (
        <OptionList
          id={id}
          groups={groups}
          note={note}
          active={active}
          chosen={chosen}
          many={many}
          onChoose={choose}
        />
      )}
    </div>
  );
}

/** Asks for options a short while after the last key, and drops answers that come too late. */
function useOptions(
  open: boolean,
  query: string,
  leastQuery: number,
  load: (query: string) => Promise<OptionGroup[]>,
): { groups: OptionGroup[]; note: string } {
  const [answer, setAnswer] = useState<{ groups: OptionGroup[]; note: string }>({
    groups: [],
    note: "Loading …",
  });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (!open) return;
    if (query.length < leastQuery) {
      setAnswer({ groups: [], note: `Type ${leastQuery} characters to search.` });
      return;
    }
    let stale = false;
    const timer = setTimeout(
      () => {
        latest.current(query).then(
          (groups) => {
            const none = groups.every((group) => group.options.length === 0);
            if (!stale) setAnswer({ groups, note: none ? "No results found." : "" });
          },
          () => {
            if (!stale) setAnswer({ groups: [], note: "Couldn’t load results. Try again?" });
          },
        );
      },
      query === "" ? 0 : TYPING_PAUSE_MS,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [open, query, leastQuery]);
  return answer;
}
