// What is enough of a configuration, and the problems of one that is wrong.
import { loadConfig } from "../src/config.ts";
import { ConfigError, type Environment } from "../src/config-values.ts";

export const SECRETS = {
  SLACK_BOT_TOKEN: "xoxb-MARKED0123456789",
  SLACK_APP_TOKEN: "xapp-MARKED0123456789",
  CLOUDFLARE_API_TOKEN: "cf-MARKED0123456789",
};
export const ENOUGH = { ...SECRETS, CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef" };
/** Addresses that only the sandbox may give. */
export const OVERRIDES = [
  "SLACK_API_URL",
  "CLOUDFLARE_BASE_URL",
  "GOOGLE_API_ENDPOINT",
  "EDGE_URL",
  "CLOCK_URL",
];

export function problemsOf(env: Environment): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
