// What the edge answered to a visit, as a small browser window.
import { useEffect, useRef } from "preact/hooks";
import type { Visit } from "../../contract.ts";
import { timeOf } from "../blocks/dates.ts";
import { useNames } from "../blocks/names.ts";

export type Seen = { hostname: string; who: string; visit: Visit; at: Date };

const GOOD: Visit["verdict"][] = ["stopped by Access", "stopped by cloudflared", "refused by Access"];

export function VisitWindow({ seen, onClose }: { seen: Seen; onClose(): void }) {
  const { hostname, who, visit } = seen;
  const names = useNames();
  const shown = useRef<HTMLElement>(null);
  // A link in a message leads here, and this may be out of sight.
  useEffect(() => shown.current?.scrollIntoView({ block: "nearest" }), [seen]);
  return (
    <section class="visit" aria-label="Visit" ref={shown}>
      <header>
        <span class="address">https://{hostname}/</span>
        <button type="button" class="close" aria-label="Close the visit" onClick={onClose}>
          ×
        </button>
      </header>
      <p class={`verdict ${tone(visit.verdict, who)}`} role="status" aria-label="Verdict">
        {who === "a stranger" ? "A stranger" : who}: <b>{visit.verdict}</b>{" "}
        <span class="status">
          {visit.status} <small>at {timeOf(seen.at, names)}</small>
        </span>
      </p>
      {visit.location && <p class="location">→ {shortened(visit.location)}</p>}
      {visit.body.trim() !== "" && <iframe title="Page" sandbox="" srcDoc={page(visit)} />}
    </section>
  );
}

function tone(verdict: Visit["verdict"], who: string): "good" | "bad" | "plain" {
  if (verdict === "reached the service") return who === "a stranger" ? "bad" : "good";
  return GOOD.includes(verdict) && who === "a stranger" ? "good" : "plain";
}

function page({ body, headers }: Visit): string {
  const isHtml = (headers["content-type"] ?? "").includes("html") || body.trimStart().startsWith("<");
  const content = isHtml ? body : `<pre>${body.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</pre>`;
  const look =
    "body{font:13px sans-serif!important;margin:10px!important}h1{font-size:17px}pre{white-space:pre-wrap}";
  return `${content}<style>${look}</style>`;
}

function shortened(url: string): string {
  return url.length > 90 ? `${url.slice(0, 90)}…` : url;
}
