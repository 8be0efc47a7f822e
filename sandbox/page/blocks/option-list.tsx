// The list under a combobox, in groups.
import { withEmoji } from "./mrkdwn.tsx";
import { type OptionGroup, textOf } from "./types.ts";

type Props = {
  id: string;
  groups: OptionGroup[];
  note: string;
  active: number;
  chosen: string[];
  many: boolean;
  onChoose(value: string): void;
};

export function OptionList({ id, groups, note, active, chosen, many, onChoose }: Props) {
  let place = -1;
  return (
    <div class="option-list" tabIndex={-1}>
      <div id={`${id}-list`} role="listbox" aria-multiselectable={many}>
        {groups.map((group, index) => (
          <fieldset key={index} aria-label={textOf(group.label) || undefined}>
            {textOf(group.label) && <div class="group-label">{withEmoji(textOf(group.label))}</div>}
            {group.options.map((option) => {
              place += 1;
              const value = option.value ?? "";
              return (
                <button
                  key={value}
                  type="button"
                  id={`${id}-option-${place}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={chosen.includes(value)}
                  class={place === active ? "option active" : "option"}
                  onClick={() => onChoose(value)}
                >
                  {withEmoji(textOf(option.text))}
                  {option.description && <small>{withEmoji(textOf(option.description))}</small>}
                </button>
              );
            })}
          </fieldset>
        ))}
      </div>
      {note && <div class="option-note">{note}</div>}
    </div>
  );
}
