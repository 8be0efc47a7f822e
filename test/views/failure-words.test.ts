// Whoever meets a vendor's trouble is told what to do about it, once.
import { expect, test } from "vitest";
import { ServiceFailure } from "../../src/services/failure.ts";
import { tooMany, toSlackFailure } from "../../src/services/slack-failure.ts";
import { answerText, failureText } from "../../src/views/failure-words.ts";

const google = new ServiceFailure({
  kind: "retry",
  vendor: "google",
  operation: "ListServices",
  message: "Google could not answer about the services just now (UNAVAILABLE). Try again in a minute.",
});

test.each([
  [
    toSlackFailure("views.open", new TypeError("fetch failed")),
    "Slack could not be reached (views.open). Try again in a minute.",
  ],
  [tooMany("views.open", 4200), "Slack limits how often views.open may be called; it goes on in 5 s."],
  [google, google.message],
])("what passes by itself: %s", (failure, words) => {
  expect(answerText(failure)).toBe(words);
  expect(failureText(failure)).toBe(words);
});

test("what does not pass is told whole where there is room, and in a form by whom to ask", () => {
  const message = "Slack refused usergroups.users.list: missing_scope (usergroups:read). Add the scope.";
  const failure = new ServiceFailure({
    kind: "denied",
    vendor: "slack",
    operation: "usergroups.users.list",
    message,
  });
  expect(answerText(failure)).toBe(message);
  expect(failureText(failure)).toBe(
    "Drawbridge cannot look up people and user groups in Slack just now. Tell a Drawbridge admin: /expose doctor shows what is missing.",
  );
});
