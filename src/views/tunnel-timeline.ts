// The timeline of tunnels as a picture: SVG by hand, in English and digits, for fonts that know nothing else.
import type { Availability, Segment } from "../domain/availability.ts";
import type { TunnelState } from "../domain/tunnel-health.ts";

export type TimelineRow = { name: string; timeline: Segment[]; week: Availability };

const TIMELINE_FONTS = { regular: "Inter", strong: "Inter SemiBold" } as const;

const WIDTH = 960;
const LEFT = 208;
const RIGHT = 112;
const TOP = 84;
const ROW = 44;
const BAR = 22;
const BOTTOM = 76;
const BAR_WIDTH = WIDTH - LEFT - RIGHT;
/** A minute of a week would be thinner than anything that can be seen. */
const THINNEST = 2;
const MOST_ROWS = 20;

const INK = "#1d2433";
const FAINT = "#667085";
const FILL: Record<TunnelState, string> = {
  up: "#2f9e6e",
  degraded: "url(#degraded)",
  down: "#d23f3f",
  unknown: "url(#unknown)",
};
const LEGEND: readonly (readonly [TunnelState, string])[] = [
  ["up", "Up"],
  ["degraded", "Degraded"],
  ["down", "Down"],
  ["unknown", "Not known"],
];

/** `until` is now; the picture shows what lies between. */
export function timelineSvg(rows: TimelineRow[], from: Date, until: Date): string {
  const shown = rows.slice(0, MOST_ROWS);
  const height = TOP + shown.length * ROW + BOTTOM;
  const scale = (at: Date) =>
    LEFT + (BAR_WIDTH * (at.getTime() - from.getTime())) / (until.getTime() - from.getTime());
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    PATTERNS,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(24, 40, "Tunnels, last 7 days", { size: 20, strong: true }),
    text(WIDTH - 24, 40, `until ${minuteWords(until)}`, { size: 13, fill: FAINT, anchor: "end" }),
    text(WIDTH - 24, TOP - 16, "Available", { size: 12, fill: FAINT, anchor: "end" }),
    ...dayLines(from, until, scale, TOP + shown.length * ROW),
    ...shown.map((row, index) => rowOf(row, TOP + index * ROW, scale)),
    legend(height - 22, rows.length - shown.length),
    "</svg>",
  ].join("\n");
}

function rowOf(row: TimelineRow, top: number, scale: (at: Date) => number): string {
  const middle = top + ROW / 2;
  // What is short and bad is drawn last, so that nothing covers it.
  const ordered = [...row.timeline].sort((a, b) => LAST_DRAWN.indexOf(a.state) - LAST_DRAWN.indexOf(b.state));
  const bars = ordered.map(({ state, from, until }) => {
    const tall = state === "down" ? BAR + 8 : BAR;
    const width = Math.max(scale(until) - scale(from), state === "unknown" ? 0 : THINNEST);
    const x = Math.min(scale(from), LEFT + BAR_WIDTH - width);
    return `<rect x="${x.toFixed(1)}" y="${middle - tall / 2}" width="${width.toFixed(1)}" height="${tall}" fill="${FILL[state]}"/>`;
  });
  return [
    text(24, middle + 5, label(row.name), { size: 14, strong: true }),
    ...bars,
    text(WIDTH - 24, middle + 5, percent(row.week.share), { size: 14, anchor: "end" }),
  ].join("");
}

const LAST_DRAWN: readonly TunnelState[] = ["unknown", "up", "degraded", "down"];

function dayLines(from: Date, until: Date, scale: (at: Date) => number, bottom: number): string[] {
  const lines: string[] = [];
  const midnight = new Date(from);
  midnight.setUTCHours(24, 0, 0, 0);
  for (let at = midnight; at < until; at = new Date(at.getTime() + 24 * 60 * 60_000)) {
    const x = scale(at).toFixed(1);
    lines.push(`<line x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${bottom + 4}" stroke="#d9dee8"/>`);
    lines.push(text(Number(x), bottom + 22, dayWords(at), { size: 12, fill: FAINT, anchor: "middle" }));
  }
  return lines;
}

function legend(y: number, more: number): string {
  const entries = LEGEND.map(([state, name], index) => {
    const x = LEFT + index * 112;
    const box = `<rect x="${x}" y="${y - 11}" width="14" height="14" fill="${FILL[state]}"/>`;
    return box + text(x + 22, y, name, { size: 12, fill: FAINT });
  });
  const rest = more > 0 ? text(24, y, `and ${more} more`, { size: 12, fill: FAINT }) : "";
  const zone = text(WIDTH - 24, y, "Days are UTC", { size: 12, fill: FAINT, anchor: "end" });
  return [...entries, rest, zone].join("");
}

/** Cut, never rounded up: 100 % means not a moment down. */
export function percent(share: number | null): string {
  if (share === null) return "not known";
  if (share === 1) return "100 %";
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function dayWords(at: Date): string {
  return `${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()}`;
}

function minuteWords(at: Date): string {
  return `${dayWords(at)}, ${at.toISOString().slice(11, 16)} UTC`;
}

/** The fonts know printable ASCII: what else a name holds shows as a dot. */
function label(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, ".");
  return plain.length > 20 ? `${plain.slice(0, 18).trimEnd()}...` : plain;
}

type Look = { size: number; fill?: string; strong?: boolean; anchor?: "middle" | "end" };

function text(x: number, y: number, content: string, look: Look): string {
  const font = look.strong ? TIMELINE_FONTS.strong : TIMELINE_FONTS.regular;
  const anchor = look.anchor ? ` text-anchor="${look.anchor}"` : "";
  return `<text x="${x}" y="${y}" font-family="${font}" font-size="${look.size}" fill="${look.fill ?? INK}"${anchor}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** Stripes as well as colours, for those who tell colours badly. */
const PATTERNS = `<defs>
<pattern id="degraded" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#f0b445"/><rect width="3" height="8" fill="#d98e12"/></pattern>
<pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#eef1f6"/><rect width="2" height="8" fill="#d3dae6"/></pattern>
</defs>`;
