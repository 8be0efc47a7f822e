// The doctor as people run it from a terminal: text or JSON, and an exit code that a script can use.
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoSeed } from "../../sandbox/seed.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import type { Finding } from "../../src/domain/finding.ts";
import { runCommand } from "./run-command.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  const [tunnel] = demoSeed.cloudflare.tunnels;
  const tunnels = tunnel ? [{ ...tunnel, configSrc: "local" as const }] : [];
  sandbox = await startSandbox({
    bot: false,
    seed: { ...demoSeed, cloudflare: { ...demoSeed.cloudflare, tunnels } },
  });
});
afterAll(() => sandbox.stop());

function run(args: string[], env: Record<string, string> = {}) {
  return runCommand("doctor", args, { env: { ...sandbox.env, ...env } });
}

test("prints what failed first, each with what to do, and ends with 1", async () => {
  const { code, out } = await run([]);
  expect(out).toMatch(/^FAIL {2}tunnel-managed \(cloud-run\): .*local file.*\n {6}-> Migrate it/);
  expect(out).toMatch(/pass {2}database: PGlite answered/);
  expect(out).toMatch(/\n1 failed, \d+ warnings?, \d+ passed\.\n$/);
  expect(code).toBe(1);
});

test("prints the same as JSON, whatever else is down", async () => {
  const { code, out } = await run(["--json"], { DATABASE_URL: "postgres://bot:MARKED@127.0.0.1:9/bot" });
  const findings: Finding[] = JSON.parse(out);
  const database = findings.find(({ check }) => check === "database");
  expect(database).toMatchObject({ outcome: "fail", remedy: expect.stringContaining("DATABASE_URL") });
  for (const finding of findings)
    expect(Object.keys(finding)).toEqual(["check", "subject", "outcome", "evidence", "remedy"]);
  expect(findings.find(({ check }) => check === "slack")?.outcome).toBe("pass");
  expect(out).not.toMatch(/MARKED|sandbox-cloudflare-token|xoxb-|xapp-/);
  expect(code).toBe(1);
});

test("says what is wrong with the configuration, and ends with 1", async () => {
  const { code, err, out } = await run([], { CLOUDFLARE_ACCOUNT_ID: "none" });
  expect(err).toContain("CLOUDFLARE_ACCOUNT_ID is not an account id");
  expect([code, out]).toEqual([1, ""]);
});

test("refuses to look elsewhere than production outside the sandbox", async () => {
  const { code, err } = await run([], { DRAWBRIDGE_SANDBOX: "0" });
  expect(err).toContain("DNS_SERVER works in the sandbox only");
  expect(err).toContain("ORIGIN_URL works in the sandbox only");
  expect(code).toBe(1);
});
