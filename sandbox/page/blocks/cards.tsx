// Cards and carousels.
import { ElementView } from "./element.tsx";
import { Picture } from "./layout.tsx";
import { TextObject } from "./mrkdwn.tsx";
import { type Block, textOf } from "./types.ts";

export function CardBlock({ block }: { block: Block }) {
  const { hero_image: hero, icon, title, subtitle, body, actions = [] } = block;
  return (
    <article class="block-card" aria-label={textOf(title).replace(/[*_~`]/g, "") || "Card"}>
      {hero && <Picture image={hero} size="hero" />}
      <div class="card-head">
        {icon && <Picture image={icon} />}
        <div>
          {typeof title === "object" && (
            <div class="card-title">
              <TextObject text={title} />
            </div>
          )}
          {subtitle && (
            <div class="card-subtitle">
              <TextObject text={subtitle} />
            </div>
          )}
        </div>
      </div>
      {body && (
        <div class="card-body">
          <TextObject text={body} />
        </div>
      )}
      {actions.length > 0 && (
        <div class="block-actions">
          {actions.map((action, index) => (
            <ElementView key={action.action_id ?? index} blockId={block.block_id ?? ""} element={action} />
          ))}
        </div>
      )}
    </article>
  );
}

export function Carousel({ block }: { block: Block }) {
  return (
    <section class="block-carousel" aria-label="Cards">
      {((block.elements ?? []) as Block[]).map((card, index) => (
        <CardBlock key={card.block_id ?? index} block={card} />
      ))}
    </section>
  );
}
