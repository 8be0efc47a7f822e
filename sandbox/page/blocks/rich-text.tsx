// rich_text blocks: sections, lists, quotes and preformatted text.
import type { ComponentChild } from "preact";
import { formatTokens } from "./dates.ts";
import { emojiOf } from "./emoji.ts";
import { ChannelMention, Link, PersonMention } from "./mrkdwn.tsx";
import { useNames } from "./names.ts";
import type { Block, RichElement, RichPart } from "./types.ts";

export function RichText({ block }: { block: Block }) {
  const parts = (block.elements ?? []) as RichPart[];
  return (
    <div class="rich-text">
      {parts.map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { part: RichPart }) {
  if (part.type === "rich_text_list") return <List part={part} />;
  const content = part.elements.map((element, index) => <Piece key={index} element={element} />);
  if (part.type === "rich_text_preformatted") return <pre class="code-block">{content}</pre>;
  if (part.type === "rich_text_quote") return <blockquote>{content}</blockquote>;
  return <p>{content}</p>;
}

function List({ part }: { part: RichPart }) {
  const items = part.elements.map((section, index) => (
    <li key={index}>
      {(section.elements ?? []).map((element, place) => (
        <Piece key={place} element={element} />
      ))}
    </li>
  ));
  const style = { marginLeft: `${(part.indent ?? 0) * 24}px` };
  return part.style === "ordered" ? (
    <ol start={(part.offset ?? 0) + 1} style={style}>
      {items}
    </ol>
  ) : (
    <ul style={style}>{items}</ul>
  );
}

function Piece({ element }: { element: RichElement }) {
  return <>{styled(<Content element={element} />, element.style)}</>;
}

function Content({ element }: { element: RichElement }) {
  const names = useNames();
  switch (element.type) {
    case "link":
      return <Link url={element.url ?? ""}>{element.text ?? element.url ?? ""}</Link>;
    case "user":
      return <PersonMention id={element.user_id ?? ""} />;
    case "channel":
      return <ChannelMention id={element.channel_id ?? ""} />;
    case "usergroup":
      return <span class="mention">@{names.group(element.usergroup_id ?? "")}</span>;
    case "broadcast":
      return <span class="mention special">@{element.range}</span>;
    case "emoji":
      return <>{emojiOf(element.name ?? "")}</>;
    case "date":
      return <>{formatTokens(element.timestamp ?? 0, element.format ?? "{date} {time}", names)}</>;
    case "color":
      return <code>{element.value}</code>;
    default:
      return <>{element.text ?? ""}</>;
  }
}

function styled(content: ComponentChild, style: RichElement["style"]): ComponentChild {
  let shown = content;
  if (style?.code) shown = <code>{shown}</code>;
  if (style?.strike) shown = <s>{shown}</s>;
  if (style?.italic) shown = <i>{shown}</i>;
  if (style?.bold) shown = <b>{shown}</b>;
  return shown;
}
