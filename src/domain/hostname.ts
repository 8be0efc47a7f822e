// Hostnames that people type: one label in an allowed zone, written plainly.
import type { FieldProblem } from "./refusal.ts";

/** Access takes no longer application domain.
 *  https://developers.cloudflare.com/cloudflare-one/account-limits/ */
const MAX_HOSTNAME = 63;

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export type HostnameRules = { zones: string[]; reserved: string[] };

type Checked = { ok: true; hostname: string; zone: string } | { ok: false; problem: FieldProblem };

/** Takes a bare label (then `zone` completes it) or a whole hostname. Upper case is folded; nothing else is guessed. */
export function checkHostname(typed: string, zone: string | null, rules: HostnameRules): Checked {
  // No tunnel carries the service: whatever is typed, another spelling would not help.
  if (rules.zones.length === 0) return no({ field: "hostname", problem: "hostname-zone", zones: [] });
  const text = typed.trim().toLowerCase();
  if (text === "") return no({ field: "hostname", problem: "missing" });
  const whole = text.includes(".") ? text : `${text}.${zone ?? rules.zones[0]}`;
  const labels = whole.split(".");
  // Homoglyphs and their punycode spelling: a hostname that reads like another must not be approved by mistake.
  if (labels.some((label) => label.startsWith("xn--") || !isAscii(label)))
    return no({ field: "hostname", problem: "hostname-punycode" });
  if (!labels.every((label) => LABEL.test(label)) || labels.some((label) => label.slice(2, 4) === "--"))
    return no({ field: "hostname", problem: "hostname-malformed" });
  return inZone(whole, rules);
}

function inZone(whole: string, rules: HostnameRules): Checked {
  const zone = [...rules.zones]
    .sort((a, b) => b.length - a.length)
    .find((each) => whole.endsWith(`.${each}`));
  // A zone that is delegated answers for its own apex.
  if (!zone || rules.zones.includes(whole))
    return no({ field: "hostname", problem: "hostname-zone", zones: rules.zones });
  const label = whole.slice(0, -zone.length - 1);
  // A zone's certificate covers one level; a deeper name would answer with a TLS error.
  if (label.includes(".")) return no({ field: "hostname", problem: "hostname-too-deep", zone });
  if (whole.length > MAX_HOSTNAME)
    return no({ field: "hostname", problem: "hostname-too-long", max: MAX_HOSTNAME });
  if (rules.reserved.includes(label)) return no({ field: "hostname", problem: "hostname-reserved", label });
  return { ok: true, hostname: whole, zone };
}

function no(problem: FieldProblem): Checked {
  return { ok: false, problem };
}

function isAscii(text: string): boolean {
  return [...text].every((char) => char.charCodeAt(0) < 128);
}

/** A label suggested from a service's name; Cloud Run names are already nearly one. */
export function suggestLabel(serviceName: string): string {
  const label = serviceName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^-+|-+$/g, "");
  return label.slice(0, 40).replace(/-+$/, "");
}
