// One block, by its type. A type that is not known here is shown as what it is, never left out.
import { CardBlock, Carousel } from "./cards.tsx";
import { InputBlock } from "./input-block.tsx";
import { Actions, Container, Context, ContextActions, Header, ImageBlock, Section } from "./layout.tsx";
import { Markdown } from "./markdown.tsx";
import { Alert, Plan, TaskCard } from "./progress.tsx";
import { RichText } from "./rich-text.tsx";
import { Table } from "./tables.tsx";
import { type Block, textOf } from "./types.ts";

export function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <div class="blocks">
      {blocks.map((block, index) => (
        <BlockView key={block.block_id ?? index} block={block} />
      ))}
    </div>
  );
}

export function BlockView({ block }: { block: Block }) {
  switch (block.type) {
    case "header":
      return <Header block={block} />;
    case "section":
      return <Section block={block} />;
    case "divider":
      return <hr class="block-divider" />;
    case "context":
      return <Context block={block} />;
    case "context_actions":
      return <ContextActions block={block} />;
    case "actions":
      return <Actions block={block} />;
    case "input":
      return <InputBlock block={block} />;
    case "image":
      return <ImageBlock block={block} />;
    case "rich_text":
      return <RichText block={block} />;
    case "markdown":
      return <Markdown text={textOf(block.text)} />;
    case "table":
    case "data_table":
      return <Table block={block} />;
    case "card":
      return <CardBlock block={block} />;
    case "carousel":
      return <Carousel block={block} />;
    case "container":
      return <Container block={block} />;
    case "plan":
      return <Plan block={block} />;
    case "task_card":
      return <TaskCard task={block} />;
    case "alert":
      return <Alert block={block} />;
    default:
      return <p class="unknown-block">A block of type “{block.type}” is not shown here.</p>;
  }
}
