// Blocks that lay things out: header, section, context, actions, image, container.
import { BlockView } from "./block.tsx";
import { ElementView } from "./element.tsx";
import { TextObject, withEmoji } from "./mrkdwn.tsx";
import { RichText } from "./rich-text.tsx";
import { type Block, type Element, type Image, type Text, textOf } from "./types.ts";

export function Header({ block }: { block: Block }) {
  return <h3 class="block-header">{withEmoji(textOf(block.text))}</h3>;
}

export function Section({ block }: { block: Block }) {
  const { text, fields = [], accessory } = block;
  return (
    <div class="block-section">
      <div class="section-text">
        {typeof text === "object" && <TextObject text={text} />}
        {fields.length > 0 && (
          <div class="fields">
            {fields.map((field, index) => (
              <div key={index}>
                <TextObject text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div class="accessory">
          <ElementView blockId={block.block_id ?? ""} element={accessory} label={plainLabel(text)} />
        </div>
      )}
    </div>
  );
}

export function Context({ block }: { block: Block }) {
  return (
    <div class="block-context">
      {((block.elements ?? []) as (Image | Text)[]).map((element, index) =>
        "text" in element ? (
          <span key={index}>
            <TextObject text={element} />
          </span>
        ) : (
          <Picture key={index} image={element} />
        ),
      )}
    </div>
  );
}

export function Actions({ block }: { block: Block }) {
  return (
    <div class="block-actions">
      {((block.elements ?? []) as Element[]).map((element, index) => (
        <ElementView key={element.action_id ?? index} blockId={block.block_id ?? ""} element={element} />
      ))}
    </div>
  );
}

export function ContextActions({ block }: { block: Block }) {
  return (
    <div class="context-actions">
      <Actions block={block} />
    </div>
  );
}

export function ImageBlock({ block }: { block: Block }) {
  return (
    <figure class="block-image">
      {block.title && <figcaption>{withEmoji(textOf(block.title))}</figcaption>}
      <img src={block.image_url} alt={block.alt_text ?? ""} />
    </figure>
  );
}

export function Picture({ image, size = "small" }: { image: Image; size?: "small" | "hero" }) {
  return (
    <img
      class={`picture ${size}`}
      src={image.image_url ?? image.slack_file?.url}
      alt={image.alt_text ?? ""}
    />
  );
}

export function Container({ block }: { block: Block }) {
  const title = block.rich_text_title ? (
    <RichText block={block.rich_text_title} />
  ) : (
    <b>{withEmoji(textOf(block.title))}</b>
  );
  const children = (block.child_blocks ?? []).map((child, index) => (
    <BlockView key={child.block_id ?? index} block={child} />
  ));
  const head = (
    <>
      {block.icon && <Picture image={block.icon} />}
      {title}
      {block.subtitle && <TextObject text={block.subtitle} />}
    </>
  );
  return block.is_collapsible ? (
    <details class="block-container" open={!block.default_collapsed}>
      <summary>{head}</summary>
      {children}
    </details>
  ) : (
    <section class="block-container">
      <header>{head}</header>
      {children}
    </section>
  );
}

/** What a screen reader calls a select that stands beside a text and has no label of its own. */
function plainLabel(text: Block["text"]): string | undefined {
  const label = textOf(text)
    .replace(/[*_~`]/g, "")
    .split("\n")[0];
  return label || undefined;
}
