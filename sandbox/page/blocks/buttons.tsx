// Buttons, icon buttons, feedback buttons and overflow menus.
import { Menu } from "../menu.tsx";
import type { ElementProps } from "./element.tsx";
import { optionsOf } from "./form.ts";
import { withEmoji } from "./mrkdwn.tsx";
import { useSurface } from "./surface.ts";
import { textOf } from "./types.ts";

export function ButtonElement({ blockId, element }: ElementProps) {
  const surface = useSurface();
  const busy = surface.busy === `${blockId}/${element.action_id}`;
  const press = () => {
    if (element.url) window.open(element.url, "_blank", "noreferrer");
    return surface.act(blockId, element);
  };
  return (
    <button
      type="button"
      class={`slack-button ${element.style ?? ""}`}
      aria-label={element.accessibility_label}
      aria-busy={busy}
      disabled={busy}
      onClick={() => void press()}
    >
      {withEmoji(textOf(element.text))}
      {element.url && <span aria-hidden="true"> ↗</span>}
    </button>
  );
}

export function IconButton({ blockId, element }: ElementProps) {
  const surface = useSurface();
  const name = element.accessibility_label ?? textOf(element.text);
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={name}
      title={name}
      onClick={() => void surface.act(blockId, element)}
    >
      {element.icon === "trash" ? "🗑" : "•"}
    </button>
  );
}

export function FeedbackButtons({ blockId, element }: ElementProps) {
  const surface = useSurface();
  const { positive_button: good, negative_button: bad } = element;
  return (
    <span class="feedback">
      {[good, bad].map(
        (each, index) =>
          each && (
            <button
              key={index}
              type="button"
              class="icon-button"
              aria-label={textOf(each.text)}
              title={textOf(each.text)}
              onClick={() => void surface.act(blockId, element, each.value)}
            >
              {index === 0 ? "👍" : "👎"}
            </button>
          ),
      )}
    </span>
  );
}

export function OverflowMenu({ blockId, element }: ElementProps) {
  const surface = useSurface();
  const choose = (value: string) => {
    const url = optionsOf(element).find((option) => option.value === value)?.url;
    if (url) window.open(url, "_blank", "noreferrer");
    return surface.act(blockId, element, value);
  };
  return (
    <Menu
      label="More options"
      buttonClass="slack-button overflow"
      button={<span aria-hidden="true">⋯</span>}
      align="right"
      items={optionsOf(element).map((option) => ({
        id: option.value ?? "",
        label: withEmoji(textOf(option.text)),
      }))}
      onChoose={(id) => void choose(id)}
    />
  );
}
