// Every kind of select: fixed options, options that the bot loads, people, conversations and channels; one or many.
import { useRef } from "preact/hooks";
import { Combobox } from "./combobox.tsx";
import type { ElementProps } from "./element.tsx";
import { useEntry } from "./entry.ts";
import { optionsOf } from "./form.ts";
import { withEmoji } from "./mrkdwn.tsx";
import { type Names, useNames } from "./names.ts";
import { useSurface } from "./surface.ts";
import { type Element, type Option, type OptionGroup, textOf } from "./types.ts";

/** Options that were loaded or shown as chosen, to name a choice later: by surface, block and action. */
const known = new Map<string, Map<string, Option>>();

export function SelectElement(props: ElementProps) {
  const { element, blockId } = props;
  const surface = useSurface();
  const names = useNames();
  const [entry, enter] = useEntry(props);
  const place = `${surface.id}/${blockId}/${element.action_id}`;
  const seen = useRef(known.get(place) ?? new Map<string, Option>());
  known.set(place, seen.current);
  const remember = (groups: OptionGroup[]) => {
    for (const option of groups.flatMap((group) => group.options))
      seen.current.set(option.value ?? "", option);
    return groups;
  };
  remember([
    { label: NO_LABEL, options: [element.initial_option ?? [], element.initial_options ?? []].flat() },
  ]);
  const external = element.type.includes("external");
  const load = async (query: string) => {
    if (!external) return matching(fixedGroups(element, names), query);
    return remember(await surface.loadOptions(blockId, element, query));
  };
  const label = (value: string) => {
    const option =
      seen.current.get(value) ?? fixedOptions(element, names).find((each) => each.value === value);
    return option ? withEmoji(textOf(option.text)) : value;
  };
  return (
    <Combobox
      id={props.inputId ?? place.replace(/[^\w-]/g, "-")}
      label={props.inputId ? undefined : (props.label ?? textOf(element.placeholder)) || "Choose"}
      placeholder={textOf(element.placeholder) || (external ? "Search" : "Select an option")}
      many={element.type.startsWith("multi_")}
      most={element.max_selected_items}
      leastQuery={external ? (element.min_query_length ?? 3) : 0}
      chosen={[entry ?? []].flat()}
      labelOf={label}
      describedBy={props.describedBy}
      invalid={props.invalid}
      autofocus={element.focus_on_load}
      load={load}
      onChange={(values) => enter(element.type.startsWith("multi_") ? values : (values[0] ?? null))}
    />
  );
}

const NO_LABEL = { type: "plain_text", text: "" };

function fixedGroups(element: Element, names: Names): OptionGroup[] {
  if (element.option_groups) return element.option_groups;
  return [{ label: NO_LABEL, options: fixedOptions(element, names) }];
}

function fixedOptions(element: Element, names: Names): Option[] {
  if (element.type.includes("users")) return names.people.map(asOption);
  if (element.type.includes("conversations") || element.type.includes("channels"))
    return names.channels.map(asOption);
  return optionsOf(element);
}

function asOption({ id, label }: { id: string; label: string }): Option {
  return { value: id, text: { type: "plain_text", text: label } };
}

function matching(groups: OptionGroup[], query: string): OptionGroup[] {
  const wanted = query.trim().toLowerCase();
  return groups
    .map((group) => ({
      ...group,
      options: group.options.filter((option) => textOf(option.text).toLowerCase().includes(wanted)),
    }))
    .filter((group) => group.options.length > 0);
}
