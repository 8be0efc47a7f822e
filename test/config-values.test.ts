// What the environment holds that must stay secret.
import { expect, test } from "vitest";
import { secretsIn } from "../src/config-values.ts";

test("every token, the database's address, and its password by itself, as it is and as it is written there", () => {
  const tokens = {
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    CLOUDFLARE_API_TOKEN: "cf-1",
    VISIT_CLIENT_SECRET: "v-1",
  };
  const address = "postgres://u:p%40ss-word@db/x";
  expect(secretsIn({ ...tokens, DATABASE_URL: address, LOG_LEVEL: "info" })).toEqual([
    ...Object.values(tokens),
    address,
    "p%40ss-word",
    "p@ss-word",
  ]);
});

test("what only names a secret is none, and an address that is none hides nothing else", () => {
  expect(secretsIn({ SLACK_BOT_TOKEN: "sm://bot", DATABASE_URL: "postgres://u:%zz@db" })).toEqual([
    "postgres://u:%zz@db",
    "%zz",
    "%zz",
  ]);
  expect(secretsIn({ DATABASE_URL: "no address" })).toEqual(["no address"]);
});
