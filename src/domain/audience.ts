// Who may pass Access at a hostname.

/** Each list adds people; nobody else passes. */
export type Audience = {
  /** What people call it, such as "All employees" or "3 people". */
  name: string;
  emailDomains: string[];
  emails: string[];
  /** Ids of Cloudflare Access groups. */
  accessGroups: string[];
  /** Groups of an identity provider, by the provider's id and the group's id or name there. */
  idpGroups: { provider: IdpKind; providerId: string; group: string }[];
  /** Identity providers that people may log in with, by id; empty means any that the account has. */
  loginMethods: string[];
};

/** Cloudflare has one selector for each kind of provider. */
export type IdpKind = "okta" | "azure-ad" | "google-workspace" | "github" | "saml";

/** What a condition may ask for that does not say who somebody is. */
export const NOT_IDENTITIES = ["by-address", "by-country", "by-device", "by-certificate"] as const;

export type NotIdentity = (typeof NOT_IDENTITIES)[number];

/** One condition of an Access policy, in our words. */
export type Selector =
  | { kind: "email"; email: string }
  | { kind: "email-domain"; domain: string }
  | { kind: "access-group"; id: string }
  | { kind: "idp-group"; provider: IdpKind; providerId: string; group: string }
  | { kind: "login-method"; id: string }
  | { kind: "everyone" }
  /** Without an id any token of the account. */
  | { kind: "service-token"; id: string | null }
  /** Whoever meets it, whoever they are. */
  | { kind: "not-identity"; name: NotIdentity }
  /** Says who somebody is, or asks for a secret, in a way that we never write. */
  | { kind: "other"; name: string }
  /** Of a kind that we do not know. */
  | { kind: "unknown"; name: string };

/** The include rules of the policy that lets an audience in, in a stable order. */
export function selectorsOf(audience: Audience): Selector[] {
  return [
    ...sorted(audience.emailDomains).map((domain) => ({ kind: "email-domain" as const, domain })),
    ...sorted(audience.emails).map((email) => ({ kind: "email" as const, email })),
    ...sorted(audience.accessGroups).map((id) => ({ kind: "access-group" as const, id })),
    ...audience.idpGroups.map((group) => ({ kind: "idp-group" as const, ...group })),
  ];
}

/** Those that pin login methods, where these do not all pin the same. Joined, each could be passed by what only another
 *  allows, such as a code sent to any address of a company by who is to log in at the company. Empty: they can be joined. */
export function pinnedApart(parts: Audience[]): Audience[] {
  const pinned = parts.filter(({ loginMethods }) => loginMethods.length > 0);
  const pins = pinned.map(({ loginMethods }) => JSON.stringify([...new Set(loginMethods)].sort()));
  return new Set(pins).size > 1 ? pinned : [];
}

/** Joins audiences into one that lets in everybody that any of them lets in. Login methods are those of all: an
 *  audience that pins none leaves the choice open only when none of the others pins one. Ask `pinnedApart` first. */
export function joinAudiences(name: string, parts: Audience[]): Audience {
  const all = <T>(pick: (part: Audience) => T[]) => [...new Set(parts.flatMap(pick))];
  const groups = new Map(
    parts.flatMap((part) => part.idpGroups.map((each) => [JSON.stringify(each), each] as const)),
  );
  return {
    name,
    emailDomains: all((part) => part.emailDomains),
    emails: all((part) => part.emails),
    accessGroups: all((part) => part.accessGroups),
    idpGroups: [...groups.values()],
    loginMethods: all((part) => part.loginMethods),
  };
}

/** Whether an audience is made of what is offered: of these audiences, and of people by email in these domains. Each of its
 *  entries must stand in a source that lets people log in by every method that the audience lets them log in by. */
export function isMadeOf(
  audience: Audience,
  offered: Audience[],
  people: Pick<Audience, "emailDomains" | "loginMethods">,
): boolean {
  const { loginMethods } = audience;
  const vouches = ({ loginMethods: pinned }: Pick<Audience, "loginMethods">) =>
    pinned.length === 0 ||
    (loginMethods.length > 0 && loginMethods.every((method) => pinned.includes(method)));
  const known = new Set(offered.filter(vouches).flatMap(selectorsOf).map(keyOf));
  const domains = vouches(people) ? people.emailDomains : [];
  const isPerson = (each: Selector) =>
    each.kind === "email" && domains.includes(each.email.slice(each.email.lastIndexOf("@") + 1));
  const methods = [...offered, people].filter(vouches).flatMap((source) => source.loginMethods);
  return (
    selectorsOf(audience).every((each) => known.has(keyOf(each)) || isPerson(each)) &&
    loginMethods.every((method) => methods.includes(method))
  );
}

/** Of the audiences offered, those that this one was joined of: named in it, and letting in nobody whom it does not. */
export function partsOf<Offered extends { audience: Audience }>(
  whole: Audience,
  offered: Offered[],
): Offered[] {
  const known = new Set(selectorsOf(whole).map(keyOf));
  const isNamed = ({ name }: Audience) => ` and ${whole.name} and `.includes(` and ${name} and `);
  return offered.filter(
    ({ audience }) => isNamed(audience) && selectorsOf(audience).every((each) => known.has(keyOf(each))),
  );
}

export function isEmptyAudience(audience: Audience): boolean {
  return selectorsOf(audience).length === 0;
}

/** Whether two lists of selectors mean the same, whatever their order or letter case. */
export function sameSelectors(left: Selector[], right: Selector[]): boolean {
  return JSON.stringify(left.map(keyOf).sort()) === JSON.stringify(right.map(keyOf).sort());
}

function keyOf(selector: Selector): string {
  const entries = Object.entries(selector).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries).toLowerCase();
}

function sorted(values: string[]): string[] {
  return [...new Set(values.map((value) => value.toLowerCase()))].sort();
}
