// Who may pass Access, in words: entry by entry, for the plan that people approve.
import type { Audience, IdpKind } from "../domain/audience.ts";
import { plain } from "./plain-text.ts";

/** Names of Cloudflare's things by id, where somebody looked them up. */
export type Names = Readonly<Record<string, string>>;

const LONGEST_ENTRY = 100;

const PROVIDERS: Record<IdpKind, string> = {
  okta: "Okta",
  "azure-ad": "Entra ID",
  "google-workspace": "Google Workspace",
  github: "GitHub",
  saml: "SAML",
};

/** Every entry that lets somebody in, the widest first. */
export function audienceEntries(audience: Audience, names: Names = {}): string[] {
  const entries = [
    ...audience.emailDomains.map((domain) => `everyone with an email at ${domain}`),
    ...audience.accessGroups.map((id) => `Access group ${named(id, names)}`),
    ...audience.idpGroups.map((each) => `${PROVIDERS[each.provider]} group ${each.group}`),
    ...audience.emails,
  ];
  return entries.map((entry) => plain(entry, LONGEST_ENTRY));
}

/** With which identity providers they may log in, or null where any will do. */
export function loginWords(audience: Audience, names: Names = {}): string | null {
  if (audience.loginMethods.length === 0) return null;
  return plain(audience.loginMethods.map((id) => named(id, names)).join(", "), 200);
}

function named(id: string, names: Names): string {
  return names[id] ?? id;
}
