// The policy file: YAML that people review like code, checked once, with every problem told together.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parse as parseHostname } from "tldts";
import { parseDocument } from "yaml";
import { z } from "zod";
import { ConfigError } from "./config-values.ts";
import { isEmptyAudience } from "./domain/audience.ts";
import type { Policy, PolicyRule } from "./domain/policy.ts";
import { Connectors, googleLogs, toConnectors, toLogs, Visits } from "./policy-connectors.ts";
import { HealthSection, toHealth } from "./policy-health.ts";

const MAX_BYTES = 256 * 1024;
const YEAR = 366 * 24 * 60;
const RESERVED = ["www", "api", "login", "auth", "sso", "admin", "mail", "mx", "ns1", "ns2", "autodiscover"];

const NO_TIME = { error: "is not a time such as 30m, 8h or 2d" };

/** `30m`, `8h`, `2d`, or `1h30m`: in minutes. */
const minutes = z
  .string(NO_TIME)
  .regex(/^(\d{1,4}d)?(\d{1,4}h)?(\d{1,4}m)?$/, NO_TIME)
  .transform((text) => {
    const of = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
    return of("d") * 24 * 60 + of("h") * 60 + of("m");
  })
  .refine((value) => value >= 1 && value <= YEAR, { error: "must be between 1m and 366d" });

const domainName = z
  .string()
  .toLowerCase()
  .refine((name) => parseHostname(name).hostname === name && /^[a-z0-9.-]+\.[a-z]+$/.test(name), {
    error: "is not a domain name such as example.com",
  });
const user = z.string().regex(/^[UW][A-Z0-9]{2,}$/, { error: "is not a Slack user id (U…)" });
const group = z.string().regex(/^S[A-Z0-9]{2,}$/, { error: "is not a Slack user group id (S…)" });
const channel = z.string().regex(/^[CG][A-Z0-9]{2,}$/, { error: "is not a Slack channel id (C…)" });
const pattern = z.string().regex(/^[a-z0-9*-]+(\/[a-z0-9*-]+\/[a-z0-9*-]+)?$/, {
  error: "is not a pattern such as billing-* or project/region/service",
});
/** An id of Cloudflare's: small letters, as it answers them. */
const cloudflareId = z.string().min(1).toLowerCase();
const circle = z.strictObject({ groups: z.array(group).default([]), people: z.array(user).default([]) });

const AudienceEntry = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,60}$/, { error: "must be lower case letters, digits and hyphens" }),
  name: z.string().min(1).max(60),
  description: z.string().max(75).default(""),
  emailDomains: z.array(domainName).default([]),
  emails: z.array(z.email().toLowerCase()).default([]),
  accessGroups: z.array(cloudflareId.max(64)).default([]),
  idpGroups: z
    .array(
      z.strictObject({
        provider: z.enum(["okta", "azure-ad", "google-workspace", "github", "saml"]),
        providerId: cloudflareId,
        group: z.string().min(1),
      }),
    )
    .default([]),
  loginMethods: z.array(cloudflareId).default([]),
});

const Rule = z.strictObject({
  services: z.array(pattern).min(1),
  requesters: z.union([z.literal("everyone"), circle], {
    error: "must be `everyone`, or lists of `groups` and `people`",
  }),
  approvers: circle,
  approvals: z.int().min(1).max(10).default(1),
  maxDuration: minutes,
  presets: z.array(minutes).min(1).max(20),
  untilClosed: z.strictObject({ review: minutes }).optional(),
  freeExtension: minutes.optional(),
});

const PolicyFile = z.strictObject({
  installation: z
    .string()
    .regex(/^[a-z0-9-]{1,20}$/, { error: "must be up to 20 lower case letters, digits and hyphens" })
    .default("main"),
  channels: z.strictObject({ approvals: channel, alerts: channel }),
  admins: circle.prefault({}),
  google: z.strictObject({
    projects: z.array(z.string().min(1)).min(1),
    regions: z.array(z.string().min(1)).min(1),
    ...googleLogs,
  }),
  visits: Visits,
  tunnels: z
    .array(
      z.strictObject({
        id: z.uuid({ error: "is not a tunnel id" }).toLowerCase(),
        zones: z.array(domainName).min(1),
        services: z.array(pattern).min(1).default(["*"]),
        connectors: Connectors,
      }),
    )
    .min(1),
  audiences: z.array(AudienceEntry).default([]),
  people: z.strictObject({
    emailDomains: z.array(domainName).min(1, { error: "must name the email domains of your own people" }),
    loginMethods: z.array(cloudflareId).default([]),
  }),
  reserved: z.array(z.string().toLowerCase()).default([]),
  rules: z.array(Rule).min(1),
  health: HealthSection,
  requests: z
    .strictObject({ lapseAfter: minutes.default(480), remindAfter: minutes.default(240) })
    .prefault({}),
});

/** `sha256`: of the file as it is, as `sha256sum` prints it. */
export type LoadedPolicy = Policy & { sha256: string };

/** Reads and checks the file; throws ConfigError. */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([
      `the policy file ${file} cannot be read (${error.code ?? "unknown reason"}); set POLICY_FILE to its path`,
    ]);
  });
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ...parsePolicy(content.toString("utf8")), sha256 };
}

export function parsePolicy(text: string): Policy {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new ConfigError(["the policy file is larger than 256 KiB"]);
  const parsed = PolicyFile.safeParse(readYaml(text), { error: wordsFor });
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => `policy: ${path.join(".") || "the file"} ${message}`),
    );
  const problems = contradictions(parsed.data);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `policy: ${problem}`));
  return toPolicy(parsed.data);
}

/** Where the schema has no words of its own. */
const wordsFor: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type" && issue.input === undefined) return "is missing";
  if (issue.code !== "unrecognized_keys") return undefined;
  return `has the unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.join(" and ")}`;
};

function readYaml(text: string): unknown {
  // Aliases are refused: a file of ten lines can unfold into gigabytes with them.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error) throw new ConfigError([`policy: the file is not valid YAML: ${error.message.split("\n")[0]}`]);
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new ConfigError(["policy: the file uses YAML aliases (& and *), which are not allowed"]);
  }
}

type Parsed = z.output<typeof PolicyFile>;

/** What each line says well and the whole says wrongly. */
function contradictions(file: Parsed): string[] {
  const ids = file.audiences.map((each) => each.id);
  return [
    ...file.rules.flatMap((rule, index) =>
      rule.presets
        .filter((preset) => preset > rule.maxDuration)
        .map(() => `rules.${index}.presets has a time longer than its maxDuration`),
    ),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `audiences has the id "${id}" twice`),
    ...file.audiences
      .filter(isEmptyAudience)
      .map(
        (each) =>
          `the audience "${each.id}" lets nobody in: give it emailDomains, emails, accessGroups or idpGroups`,
      ),
    ...(file.requests.remindAfter >= file.requests.lapseAfter
      ? ["requests.remindAfter must be less than lapseAfter"]
      : []),
  ];
}

function toPolicy(file: Parsed): Policy {
  return {
    installation: file.installation,
    channels: file.channels,
    admins: file.admins,
    projects: file.google.projects,
    regions: file.google.regions,
    logs: toLogs(file.google),
    visitTokenId: file.visits?.serviceToken ?? null,
    tunnels: file.tunnels.map((tunnel) => ({ ...tunnel, connectors: toConnectors(tunnel.connectors) })),
    audiences: file.audiences.map(({ id, description, ...audience }) => ({ id, description, audience })),
    peopleDomains: file.people.emailDomains,
    loginMethods: file.people.loginMethods,
    reservedLabels: [...new Set([...RESERVED, ...file.reserved])],
    rules: file.rules.map(toRule),
    lapseMinutes: file.requests.lapseAfter,
    remindMinutes: file.requests.remindAfter,
    health: toHealth(file.health),
  };
}

function toRule(rule: z.output<typeof Rule>): PolicyRule {
  return {
    services: rule.services,
    requesters: rule.requesters,
    approvers: rule.approvers,
    approvals: rule.approvals,
    maxMinutes: rule.maxDuration,
    presets: [...new Set(rule.presets)].sort((a, b) => a - b),
    reviewMinutes: rule.untilClosed?.review ?? null,
    freeExtensionMinutes: rule.freeExtension ?? 0,
  };
}
