// What Google's front end and the services behind it answer over HTTP, by Host header. The edge calls it as cloudflared
// would from inside the VPC, so that ingress "internal" is reached.
import { hostsOf, type Inventory, type ServiceRecord } from "./inventory.ts";

export type OriginAnswer = { status: number; headers: Record<string, string>; body: string };

export function answerAt(inventory: Inventory, host: string, path: string): OriginAnswer {
  const hostname = host.toLowerCase().replace(/:\d+$/, "");
  const record = inventory.findByHost(hostname);
  if (!record || record.service.defaultUriDisabled || record.service.ingress === "none") {
    return front(404, "404 Page not found", "The requested URL was not found on this server.");
  }
  // https://docs.cloud.google.com/iap/docs/faq
  if (record.service.iapEnabled)
    return {
      status: 302,
      headers: {
        location: "https://accounts.google.com/o/oauth2/v2/auth",
        "x-goog-iap-generated-response": "true",
      },
      body: "",
    };
  if (!record.service.publicInvoker && !record.service.invokerIamDisabled) {
    return front(
      403,
      "403 Forbidden",
      `Your client does not have permission to get URL ${escaped(path)} from this server.`,
    );
  }
  return served(record, path);
}

function front(status: number, title: string, text: string): OriginAnswer {
  const body = `<html><head><title>${title}</title></head><body><h1>Error: ${title.slice(4)}</h1><h2>${text}</h2></body></html>\n`;
  return { status, headers: { "content-type": "text/html; charset=UTF-8", server: "Google Frontend" }, body };
}

function served({ service, generation }: ServiceRecord, path: string): OriginAnswer {
  const rows = [
    ["Service", service.name],
    ["Project", service.project],
    ["Region", service.region],
    ["Revision", String(generation)],
    ["Host", hostsOf(service)[0]],
    ["Path", path],
  ];
  const table = rows.map(([term, value]) => `<dt>${term}</dt><dd>${escaped(value!)}</dd>`).join("");
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(service.name)}</title>
<style>body{font:16px system-ui;margin:12vh auto;max-width:32rem;padding:0 1rem}dt{color:#666}dd{margin:0 0 .5rem}</style></head>
<body><h1>${escaped(service.name)}: you reached it</h1>
<p>${escaped(service.description ?? "An internal service of the sandbox.")}</p><dl>${table}</dl></body></html>
`;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    server: "Google Frontend",
    "x-served-by": service.name,
  };
  return { status: 200, headers, body };
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
