// An input block: label, field, hint and error.
import { ElementView } from "./element.tsx";
import { withEmoji } from "./mrkdwn.tsx";
import { useSurface } from "./surface.ts";
import { type Block, textOf } from "./types.ts";

export function InputBlock({ block }: { block: Block }) {
  const surface = useSurface();
  const { element, label, hint, optional } = block;
  const blockId = block.block_id ?? "";
  const inputId = `${surface.id}-${blockId}`;
  const error = surface.errors[blockId];
  if (!element) return null;
  return (
    <div class={error ? "block-input invalid" : "block-input"}>
      <label for={inputId}>
        {withEmoji(textOf(label))}
        {optional && <span class="optional"> (optional)</span>}
      </label>
      <ElementView
        blockId={blockId}
        element={element}
        input={{ dispatches: block.dispatch_action === true }}
        label={textOf(label)}
        inputId={inputId}
        describedBy={`${inputId}-notes`}
        invalid={error !== undefined}
      />
      <div id={`${inputId}-notes`} class="notes">
        {error && (
          <p class="field-error" role="alert">
            {error}
          </p>
        )}
        {hint && <p class="hint">{withEmoji(textOf(hint))}</p>}
      </div>
    </div>
  );
}
