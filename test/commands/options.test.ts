// Whoever mistypes an option reads one line that says so, and no stack.
import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

test.each(["setup", "rotate-token"])("%s tells all that it misses together", async (name) => {
  const { code, err } = await runCommand(name, [], { env: {} });
  expect(code).toBe(1);
  expect(err.split("\n").map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "The configuration has",
    "- --project is",
    "- --region is",
    "- CLOUDFLARE_API_TOKEN is",
    "- CLOUDFLARE_ACCOUNT_ID is",
    "",
  ]);
});

test.each(["setup", "rotate-token"])("%s --help names the environment that it needs", async (name) => {
  const { code, out, err } = await runCommand(name, ["--help"], { env: {} });
  expect([code, err]).toEqual([0, ""]);
  for (const needed of ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "gcloud auth"])
    expect(out).toContain(needed);
});

test.each(["adopt", "audit", "doctor", "reap", "rotate-token", "setup"])(
  "%s says which option it does not know, and where to read of those it does",
  async (name) => {
    const { code, out, err } = await runCommand(name, ["--nonsense"], { env: {} });
    expect(err).toBe("Unknown option '--nonsense'. --help lists what there is.\n");
    expect([code, out]).toEqual([1, ""]);
  },
);
