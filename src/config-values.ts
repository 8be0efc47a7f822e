// What every part of the configuration is made of: the environment, its kinds of values, and the error that tells all
// problems at once.
import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

export const yes = z.enum(["0", "1", "true", "false", ""]).transform(isYes).default(false);

/** What `yes` makes of a value, for rules that look across several settings before all of them are checked. */
export function isYes(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

/** An empty value means that it is not set. */
export const optional = z
  .string()
  .optional()
  .transform((value) => value || undefined);

export const written = z.string().min(1, { error: "is empty" });

const SECRET_SETTINGS = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "CLOUDFLARE_API_TOKEN",
  "VISIT_CLIENT_SECRET",
  "DATABASE_URL",
] as const;

/** What may stand in no text that leaves the process; the database's password also by itself. */
export function secretsIn(env: Environment): string[] {
  const { password = "" } = URL.parse(env.DATABASE_URL ?? "") ?? {};
  const values = SECRET_SETTINGS.flatMap((name) => env[name] ?? []);
  return [...values, password, unescaped(password)].filter((value) => value && !value.startsWith("sm://"));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Throws ConfigError with what `schema` finds and `others` besides. */
export function checked<Output>(schema: z.ZodType<Output>, env: Environment, others: string[]): Output {
  const parsed = schema.safeParse(env);
  const found = parsed.error?.issues ?? [];
  const problems = [...found.map(({ path, message }) => `${path.join(".")} ${message}`), ...others];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

/** Thrown with every problem at once; each line says which setting, what is wrong and what is expected. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n- ${problems.join("\n- ")}`,
    );
    this.name = "ConfigError";
    this.problems = problems;
  }
}
