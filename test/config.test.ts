// Configuration: every setting missing or wrong, told together, without a secret, and never an override in production.
import { describe, expect, it } from "vitest";
import { type Config, loadConfig } from "../src/config.ts";
import { ENOUGH, OVERRIDES, problemsOf, SECRETS } from "./config-sample.ts";

const ON_CLOUD_RUN = {
  ...ENOUGH,
  CLOUD_RUN_WORKER_POOL: "drawbridge",
  DATABASE_URL: "postgres://127.0.0.1/drawbridge",
};
const SANDBOX = { ...ENOUGH, DRAWBRIDGE_SANDBOX: "1" };

describe("what is enough", () => {
  it("is four settings; the rest has its usual value", () => {
    expect(loadConfig(ENOUGH)).toEqual({
      slack: { botToken: SECRETS.SLACK_BOT_TOKEN, appToken: SECRETS.SLACK_APP_TOKEN, connections: 2 },
      cloudflare: { apiToken: SECRETS.CLOUDFLARE_API_TOKEN, accountId: ENOUGH.CLOUDFLARE_ACCOUNT_ID },
      google: {},
      sandbox: false,
      policyFile: "./drawbridge.yaml",
      store: { dataDir: "./data" },
      healthPort: 8080,
      logLevel: "info",
      proof: { visits: 3, intervalMs: 2_000 },
      sweepMs: 60_000,
      lookMs: 5_000,
      secrets: Object.values(SECRETS),
    } satisfies Config);
  });

  it("ignores what it does not know", () => {
    expect(loadConfig({ ...ENOUGH, PATH: "/bin", CLOUDFLARE_API_KEY: "x" })).toEqual(loadConfig(ENOUGH));
  });

  it.each<[string, string, (config: Config) => unknown, unknown]>([
    ["SLACK_CONNECTIONS", "3", (config) => config.slack.connections, 3],
    ["POLICY_FILE", "/etc/drawbridge.yaml", (config) => config.policyFile, "/etc/drawbridge.yaml"],
    ["DATABASE_URL", "postgres://db/x", (config) => config.store.url, "postgres://db/x"],
    ["DATABASE_URL", "", (config) => config.store.url, undefined],
    ["DATA_DIR", "/data", (config) => config.store.dataDir, "/data"],
    ["HEALTH_PORT", "0", (config) => config.healthPort, 0],
    ["LOG_LEVEL", "debug", (config) => config.logLevel, "debug"],
    ["PROOF_VISITS", "1", (config) => config.proof.visits, 1],
    ["PROOF_INTERVAL_MS", "0", (config) => config.proof.intervalMs, 0],
    ["SWEEP_SECONDS", "1.5", (config) => config.sweepMs, 1_500],
    ["LOOK_SECONDS", "0.5", (config) => config.lookMs, 500],
    ["DRAWBRIDGE_SANDBOX", "true", (config) => config.sandbox, true],
    ["DRAWBRIDGE_SANDBOX", "0", (config) => config.sandbox, false],
    ["DRAWBRIDGE_SANDBOX", "", (config) => config.sandbox, false],
  ])("takes %s=%s", (name, value, read, expected) => {
    expect(read(loadConfig({ ...ENOUGH, [name]: value }))).toBe(expected);
  });
});

describe("what is wrong", () => {
  it.each(Object.keys(ENOUGH))("is told when %s is missing", (name) => {
    const problems = problemsOf({ ...ENOUGH, [name]: undefined });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} is missing: `));
  });

  it.each([
    ["SLACK_BOT_TOKEN", "xapp-1"],
    ["SLACK_BOT_TOKEN", ""],
    ["SLACK_APP_TOKEN", "xoxb-1"],
    ["CLOUDFLARE_API_TOKEN", ""],
    ["CLOUDFLARE_ACCOUNT_ID", "0123456789ABCDEF0123456789ABCDEF"],
    ["CLOUDFLARE_ACCOUNT_ID", "0123"],
    ["CLOUDFLARE_ACCOUNT_ID", `${ENOUGH.CLOUDFLARE_ACCOUNT_ID}\n`],
    ["SLACK_CONNECTIONS", "0"],
    ["SLACK_CONNECTIONS", "4"],
    ["SLACK_CONNECTIONS", "1.5"],
    ["SLACK_CONNECTIONS", "two"],
    ["HEALTH_PORT", "65536"],
    ["HEALTH_PORT", "-1"],
    ["LOG_LEVEL", "loud"],
    ["POLICY_FILE", ""],
    ["DATA_DIR", ""],
    ["PROOF_VISITS", "0"],
    ["PROOF_VISITS", "21"],
    ["PROOF_INTERVAL_MS", "-1"],
    ["PROOF_INTERVAL_MS", "60001"],
    ["SWEEP_SECONDS", "0"],
    ["SWEEP_SECONDS", "Infinity"],
    ["SWEEP_SECONDS", "601"],
    ["LOOK_SECONDS", "0"],
    ["LOOK_SECONDS", "601"],
    ["DRAWBRIDGE_SANDBOX", "yes"],
  ])("is %s=%j, and only that", (name, value) => {
    const problems = problemsOf({ ...ENOUGH, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
  });

  it.each(["HEALTH_PORT", "PROOF_INTERVAL_MS", "PROOF_VISITS", "SLACK_CONNECTIONS", "SWEEP_SECONDS"])(
    "or the usual value is taken, when %s is set to nothing: never another value",
    (name) => {
      const problems = problemsOf({ ...ENOUGH, [name]: "" });
      if (problems.length === 0) expect(loadConfig({ ...ENOUGH, [name]: "" })).toEqual(loadConfig(ENOUGH));
      else expect(problems[0]).toContain(name);
    },
  );

  it("is told all together, and says how much there is", () => {
    const env = { LOG_LEVEL: "loud", PROOF_VISITS: "many", EDGE_URL: "http://127.0.0.1:1" };
    const problems = problemsOf(env);
    for (const name of [...Object.keys(ENOUGH), ...Object.keys(env)])
      expect(problems.filter((each) => each.startsWith(`${name} `))).toHaveLength(1);
    expect(() => loadConfig(env)).toThrow(
      `The configuration has ${problems.length} problems:\n- SLACK_BOT_TOKEN`,
    );
    expect(() => loadConfig({ ...ENOUGH, LOG_LEVEL: "loud" })).toThrow(
      "The configuration has a problem:\n- ",
    );
  });
});

describe("overrides", () => {
  it.each(OVERRIDES)("%s works in the sandbox, on loopback", (name) => {
    for (const address of [
      "http://127.0.0.1:4000/api",
      "http://localhost:4000",
      "http://[::1]:4000",
      "127.0.0.1:4000",
    ])
      expect(problemsOf({ ...SANDBOX, [name]: address })).toEqual([]);
  });

  it.each(OVERRIDES)("%s works nowhere else", (name) => {
    for (const sandbox of [undefined, "", "0", "false"])
      expect(problemsOf({ ...ENOUGH, DRAWBRIDGE_SANDBOX: sandbox, [name]: "http://127.0.0.1:1" })).toEqual([
        `${name} works in the sandbox only (DRAWBRIDGE_SANDBOX=1)`,
      ]);
  });

  it.each([
    "http://10.0.0.1",
    "https://evil.example",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:80@evil.example",
    "http://evil.example/127.0.0.1",
    "http://evil.example#127.0.0.1",
    "127.0.0.1@evil.example:80",
    "evil.example:80",
    "dns://127.0.0.1/evil.example:443",
    "http://0.0.0.0",
    "http://[::]",
    "not an address",
  ])("do not lead to %s", (address) => {
    for (const name of OVERRIDES)
      expect(problemsOf({ ...SANDBOX, [name]: address })).toEqual([`${name} must be a loopback address`]);
  });

  it.each([
    { DRAWBRIDGE_SANDBOX: "1" },
    { DRAWBRIDGE_SANDBOX: "true" },
    { EDGE_URL: "http://127.0.0.1:1" },
    { DRAWBRIDGE_SANDBOX: "1", SLACK_API_URL: "http://127.0.0.1:1" },
  ])("are fatal on Cloud Run: %j", (env) => {
    const problems = problemsOf({ ...ON_CLOUD_RUN, ...env });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/may not be set on Cloud Run/);
    expect(problemsOf({ ...ON_CLOUD_RUN, DRAWBRIDGE_SANDBOX: "0" })).toEqual([]);
  });

  it.each(["K_SERVICE", "CLOUD_RUN_JOB"])("are fatal on Cloud Run in any of its shapes: %s", (name) => {
    expect(problemsOf({ ...SANDBOX, [name]: "drawbridge" })).not.toEqual([]);
  });
});
