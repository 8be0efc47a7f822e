// The markdown block: standard Markdown, as far as Slack shows it.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block
import type { ComponentChild } from "preact";
import { Link, withEmoji } from "./mrkdwn.tsx";

export function Markdown({ text }: { text: string }) {
  return <div class="markdown">{chunks(text).map(chunk)}</div>;
}

type Chunk = { kind: "code" | "text"; lines: string[] };

function chunks(text: string): Chunk[] {
  const found: Chunk[] = [];
  let open: Chunk | null = null;
  const started = (next: Chunk) => {
    found.push(next);
    return next;
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) {
      if (open?.kind === "code") open = null;
      else open = started({ kind: "code", lines: [] });
      continue;
    }
    if (open?.kind === "code") open.lines.push(line);
    else if (line.trim() === "") open = null;
    else if (open && sameKind(open, line)) open.lines.push(line);
    else open = started({ kind: "text", lines: [line] });
  }
  return found;
}

const BULLET = /^\s*[-*+] /;
const NUMBER = /^\s*\d+[.)] /;
const QUOTE = /^> ?/;
const HEADING = /^(#{1,6}) /;

function kindOf(line: string): string {
  if (BULLET.test(line)) return "bullet";
  if (NUMBER.test(line)) return "number";
  if (QUOTE.test(line)) return "quote";
  if (HEADING.test(line)) return "heading";
  return line.trim().startsWith("|") ? "table" : "paragraph";
}

function sameKind(open: Chunk, line: string): boolean {
  const kind = kindOf(open.lines[0] ?? "");
  return kind !== "heading" && kind === kindOf(line);
}

function chunk({ kind, lines }: Chunk): ComponentChild {
  const [first = ""] = lines;
  if (kind === "code") return <pre class="code-block">{lines.join("\n")}</pre>;
  switch (kindOf(first)) {
    case "bullet":
      return (
        <ul>
          {lines.map((line) => (
            <li>{inline(line.replace(BULLET, ""))}</li>
          ))}
        </ul>
      );
    case "number":
      return (
        <ol>
          {lines.map((line) => (
            <li>{inline(line.replace(NUMBER, ""))}</li>
          ))}
        </ol>
      );
    case "quote":
      return <blockquote>{broken(lines.map((line) => line.replace(QUOTE, "")))}</blockquote>;
    case "heading":
      return (
        <p class={`heading-${HEADING.exec(first)?.[1]?.length}`}>{inline(first.replace(HEADING, ""))}</p>
      );
    case "table":
      return <Table lines={lines} />;
    default:
      return /^(-{3,}|\*{3,})$/.test(first.trim()) ? <hr /> : <p>{broken(lines)}</p>;
  }
}

function Table({ lines }: { lines: string[] }) {
  const rows = lines
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||\|$/g, "")
        .split("|"),
    );
  return (
    <table class="block-table">
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, place) =>
              row === 0 ? (
                <th key={place}>{inline(cell.trim())}</th>
              ) : (
                <td key={place}>{inline(cell.trim())}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function broken(lines: string[]): ComponentChild[] {
  return lines.flatMap((line, index) => [index > 0 ? <br /> : null, ...inline(line)]);
}

const TOKEN =
  /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)|(https?:\/\/[^\s)]+)/;

function inline(text: string): ComponentChild[] {
  const found = TOKEN.exec(text);
  if (!found) return text === "" ? [] : [withEmoji(text)];
  const [whole, code, label, url, bold, boldToo, strike, italic, italicToo, bare] = found;
  const before = text.slice(0, found.index);
  const strong = bold ?? boldToo;
  const slanted = italic ?? italicToo;
  const shown = (() => {
    if (code !== undefined) return <code>{code}</code>;
    if (label !== undefined && url !== undefined) return <Link url={url}>{inline(label)}</Link>;
    if (strong !== undefined) return <b>{inline(strong)}</b>;
    if (strike !== undefined) return <s>{inline(strike)}</s>;
    if (slanted !== undefined) return <i>{inline(slanted)}</i>;
    return <Link url={bare ?? ""}>{bare}</Link>;
  })();
  return [before === "" ? null : withEmoji(before), shown, ...inline(text.slice(found.index + whole.length))];
}
