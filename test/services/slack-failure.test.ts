// Slack's error codes, read as codes and nothing else.
import { expect, test } from "vitest";
import { fromCode, isTokenFailure } from "../../src/services/slack-failure.ts";

test.each([
  ["not_in_channel", "denied", false],
  ["token_revoked", "denied", true],
  ["message_not_found", "missing", false],
  ["internal_error", "retry", false],
  ["invalid_blocks", "conflict", false],
  // The name of something that every object has is no code that we know.
  ["constructor", "conflict", false],
])("%s is %s, and is about the token: %s", (code, kind, aboutToken) => {
  const failure = fromCode("chat.update", code);
  expect(failure).toMatchObject({ kind, code });
  expect(failure.message).toMatch(new RegExp(`^Slack refused chat\\.update: ${code}\\.[\\w /@:,.]*$`));
  expect(isTokenFailure(failure)).toBe(aboutToken);
});
