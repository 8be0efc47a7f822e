// Slack's mrkdwn: bold, italic, strike, code, quotes, links, mentions, dates and escaped entities.
// https://docs.slack.dev/messaging/formatting-message-text
import type { ComponentChild } from "preact";
import { formatTokens, fullTime } from "./dates.ts";
import { emojiOf } from "./emoji.ts";
import { type Names, useNames } from "./names.ts";
import type { Text } from "./types.ts";

export function TextObject({ text, inline }: { text: Text | undefined; inline?: boolean }) {
  if (!text) return null;
  if (text.type === "mrkdwn") return <Mrkdwn text={text.text} />;
  const plain = withEmoji(text.text);
  return <span class={inline ? undefined : "plain-text"}>{plain}</span>;
}

export function Mrkdwn({ text }: { text: string }) {
  const names = useNames();
  return <span class="mrkdwn">{paragraphs(text, names)}</span>;
}

/** Code blocks first, then quotes line by line, then what stands inside a line. */
function paragraphs(text: string, names: Names): ComponentChild[] {
  return text.split(/(```[\s\S]*?```)/).flatMap((part, index): ComponentChild[] => {
    if (index % 2 === 1)
      return [<pre class="code-block">{entities(part.slice(3, -3).replace(/^\n/, ""))}</pre>];
    return lines(part, names);
  });
}

function lines(text: string, names: Names): ComponentChild[] {
  const shown: ComponentChild[] = [];
  let quote: string[] = [];
  const flush = () => {
    if (quote.length > 0) shown.push(<blockquote>{joined(quote, names)}</blockquote>);
    quote = [];
  };
  const all = text.split("\n");
  all.forEach((line, index) => {
    if (line.startsWith("&gt;") || line.startsWith(">")) {
      quote.push(line.replace(/^(&gt;|>) ?/, ""));
      return;
    }
    const afterQuote = quote.length > 0;
    flush();
    if (index > 0 && !afterQuote) shown.push(<br />);
    shown.push(...inline(line, names));
  });
  flush();
  return shown;
}

function joined(texts: string[], names: Names): ComponentChild[] {
  return texts.flatMap((line, index) => [index > 0 ? <br /> : null, ...inline(line, names)]);
}

const TOKEN =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])|(?<![\w_])_([^\s_](?:[^\n]*?[^\s_])?)_(?![\w_])|(?<![\w~])~([^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])|:([a-z0-9_+-]+):/;

function inline(text: string, names: Names): ComponentChild[] {
  const found = TOKEN.exec(text);
  if (!found) return text === "" ? [] : [entities(text)];
  const [whole, code, angle, bold, italic, strike, emoji] = found;
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + whole.length);
  const shown = (() => {
    if (code !== undefined) return <code>{entities(code)}</code>;
    if (angle !== undefined) return <Angle text={angle} names={names} />;
    if (bold !== undefined) return <b>{inline(bold, names)}</b>;
    if (italic !== undefined) return <i>{inline(italic, names)}</i>;
    if (strike !== undefined) return <s>{inline(strike, names)}</s>;
    return emojiOf(emoji ?? "");
  })();
  return [before === "" ? null : entities(before), shown, ...inline(after, names)];
}

function Angle({ text, names }: { text: string; names: Names }) {
  const [target = "", label] = split(text);
  if (target.startsWith("@")) return <PersonMention id={target.slice(1)} />;
  if (target.startsWith("#")) return <ChannelMention id={target.slice(1)} />;
  if (target.startsWith("!subteam^")) return <span class="mention">@{names.group(target.slice(9))}</span>;
  if (target.startsWith("!date^")) return <DateToken token={target} fallback={label ?? ""} names={names} />;
  if (target.startsWith("!")) return <span class="mention special">@{target.slice(1)}</span>;
  return <Link url={entities(target)}>{entities(label ?? target.replace(/^mailto:/, ""))}</Link>;
}

export function PersonMention({ id }: { id: string }) {
  const names = useNames();
  return <span class={id === names.reader ? "mention me" : "mention"}>@{names.person(id)}</span>;
}

export function ChannelMention({ id }: { id: string }) {
  const names = useNames();
  return (
    <button type="button" class="mention channel-link" onClick={() => names.openChannel(id)}>
      #{names.channel(id)}
    </button>
  );
}

export function Link({ url, children }: { url: string; children: ComponentChild }) {
  const go = useNames().wayTo(url);
  const safe = /^(https?|mailto):/.test(url);
  const onClick = (event: Event) => {
    if (!go) return;
    event.preventDefault();
    go();
  };
  return safe ? (
    <a href={url} target="_blank" rel="noreferrer" onClick={onClick}>
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );
}

function DateToken({ token, fallback, names }: { token: string; fallback: string; names: Names }) {
  const [, seconds = "", format = "", url] = token.split("^");
  if (!/^\d+$/.test(seconds)) return <>{entities(fallback)}</>;
  const date = new Date(Number(seconds) * 1000);
  const text = formatTokens(Number(seconds), entities(format), names);
  const shown = (
    <time dateTime={date.toISOString()} title={fullTime(date, names)}>
      {text}
    </time>
  );
  return url ? <Link url={entities(url)}>{shown}</Link> : shown;
}

export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (_, name: string) => emojiOf(name));
}

function split(text: string): [string, string | undefined] {
  const bar = text.indexOf("|");
  return bar < 0 ? [text, undefined] : [text.slice(0, bar), text.slice(bar + 1)];
}

function entities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
