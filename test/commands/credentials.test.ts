// A machine that nobody has logged in to Google from: each command says so, with what to do.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type Outcome, runCommand } from "./run-command.ts";

const UNKNOWN =
  "Google does not know who Drawbridge is (no answer). Give it a service account: on Cloud Run in the worker pool's settings, elsewhere with `gcloud auth application-default login`.";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ bot: false });
});
afterAll(() => sandbox.stop());

/** Google itself is meant, but no call gets as far as that. */
function run(name: string, args: string[], change: Record<string, string> = {}): Promise<Outcome> {
  const { GOOGLE_API_ENDPOINT: _, ...env } = sandbox.env;
  const nobody = { HOME: sandbox.dataDir, METADATA_SERVER_DETECTION: "none" };
  return runCommand(name, args, { env: { ...env, ...nobody, ...change } });
}

const SETUP = ["--project", "lakeside-prod", "--region", "asia-northeast1", "--plan"];

test("set-up ends with what to do", async () => {
  expect(await run("setup", SETUP)).toEqual({ code: 1, out: "", err: `${UNKNOWN}\n` });
});

test("the doctor has a finding of it, and looks at everything else", async () => {
  const { code, out, err } = await run("doctor", []);
  expect([code, err]).toEqual([1, ""]);
  expect(out).toContain(UNKNOWN);
  expect(out).toMatch(/pass {2}database: /);
});

test("each secret that cannot be read is listed", async () => {
  const references = { CLOUDFLARE_API_TOKEN: "sm://one", CLOUDFLARE_ACCOUNT_ID: "sm://two" };
  const { code, err } = await run("setup", SETUP, { ...references, GOOGLE_CLOUD_PROJECT: "lakeside-prod" });
  expect(code).toBe(1);
  expect(err).toContain(`CLOUDFLARE_API_TOKEN: ${UNKNOWN}`);
  expect(err).toContain(`CLOUDFLARE_ACCOUNT_ID: ${UNKNOWN}`);
});
