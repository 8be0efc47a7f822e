// What people call a way to log in that anybody has.
import type { PublicLogin } from "../domain/public-login.ts";

/** After "anyone with" or "logs in with". */
export const PUBLIC_LOGIN_WORDS: Record<PublicLogin, string> = {
  "one-time-pin": "a one-time PIN",
  "any-google-account": "a Google account",
  "any-github-account": "a GitHub account",
  "any-facebook-account": "a Facebook account",
  "any-linkedin-account": "a LinkedIn account",
  "any-yandex-account": "a Yandex account",
  "any-cloudflare-account": "a Cloudflare account",
  "unknown-login": "a login method that Drawbridge does not know",
};
