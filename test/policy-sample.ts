// A policy file that says little, and the problems of one that is wrong.
import { stringify } from "yaml";
import { ConfigError } from "../src/config-values.ts";
import { parsePolicy } from "../src/policy-file.ts";

type File = Record<string, unknown> & {
  rules: Record<string, unknown>[];
  tunnels: Record<string, unknown>[];
};

export const RULE = {
  services: ["*"],
  requesters: "everyone",
  approvers: { groups: ["S0LEADS"] },
  maxDuration: "8h",
  presets: ["1h", "8h"],
};
export const ID = "3d539f97-cd3a-4d8e-833b-65e9099c7a8d";

export function fileWith(change: object = {}): File {
  return {
    channels: { approvals: "C0APPROVALS", alerts: "C0ALERTS" },
    google: { projects: ["lakeside-prod"], regions: ["asia-northeast1"] },
    tunnels: [{ id: ID, zones: ["lakeside.example"] }],
    people: { emailDomains: ["lakeside.example"] },
    rules: [RULE],
    ...change,
  };
}

export function problemsOf(text: string): string[] {
  try {
    parsePolicy(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

export function wrong(change: object): string[] {
  return problemsOf(stringify(fileWith(change)));
}
