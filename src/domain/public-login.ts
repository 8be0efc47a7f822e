// Ways to log in that anybody in the world has: a rule that asks for one of them alone keeps nobody out.

export const PUBLIC_LOGINS = [
  "one-time-pin",
  "any-google-account",
  "any-github-account",
  "any-facebook-account",
  "any-linkedin-account",
  "any-yandex-account",
  "any-cloudflare-account",
  /** Of a kind that we cannot judge: taken for one that anybody has. */
  "unknown-login",
] as const;

export type PublicLogin = (typeof PUBLIC_LOGINS)[number];

export function isPublicLogin(way: string): way is PublicLogin {
  return PUBLIC_LOGINS.some((each) => each === way);
}
