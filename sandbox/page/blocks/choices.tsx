// Radio buttons and checkboxes.
import type { ElementProps } from "./element.tsx";
import { useEntry } from "./entry.ts";
import { optionsOf } from "./form.ts";
import { TextObject } from "./mrkdwn.tsx";
import { useSurface } from "./surface.ts";
import type { Option } from "./types.ts";

export function RadioButtons(props: ElementProps) {
  const { element, describedBy } = props;
  const surface = useSurface();
  const [entry, enter] = useEntry(props);
  const name = `${surface.id}-${props.blockId}-${element.action_id}`;
  return (
    <div
      class="choices"
      role="radiogroup"
      aria-label={props.label ?? "Choose one"}
      aria-describedby={describedBy}
    >
      {optionsOf(element).map((option, index) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            id={index === 0 ? props.inputId : undefined}
            checked={entry === option.value}
            onChange={() => enter(option.value ?? "")}
          />
          <Choice option={option} />
        </label>
      ))}
    </div>
  );
}

export function Checkboxes(props: ElementProps) {
  const [entry, enter] = useEntry(props);
  const chosen = [entry ?? []].flat();
  const toggle = (value: string) =>
    enter(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return (
    <fieldset class="choices" aria-label={props.label ?? "Choose any"} aria-describedby={props.describedBy}>
      {optionsOf(props.element).map((option, index) => (
        <label key={option.value}>
          <input
            type="checkbox"
            id={index === 0 ? props.inputId : undefined}
            checked={chosen.includes(option.value ?? "")}
            onChange={() => toggle(option.value ?? "")}
          />
          <Choice option={option} />
        </label>
      ))}
    </fieldset>
  );
}

function Choice({ option }: { option: Option }) {
  return (
    <span>
      <TextObject text={option.text} inline />
      {option.description && (
        <small>
          <TextObject text={option.description} inline />
        </small>
      )}
    </span>
  );
}
