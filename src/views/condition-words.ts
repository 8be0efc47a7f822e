// What people call a condition that does not say who somebody is.
import type { Condition } from "../domain/weakness.ts";

/** After "lets in". */
export const CONDITION_WORDS: Record<Condition, string> = {
  "by-address": "anyone who comes from an IP address that it names",
  "by-country": "anyone who comes from a country that it names",
  "by-device": "anyone whose device passes a check",
  "by-certificate": "anyone who has a client certificate",
  "unknown-condition": "anyone who meets a condition that Drawbridge does not know",
};
