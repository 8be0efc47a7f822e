// Whatever the environment holds, a production bot's tokens go nowhere else, and no problem shows what was in it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../src/config.ts";
import type { Environment } from "../src/config-values.ts";
import { ENOUGH, OVERRIDES, problemsOf } from "./config-sample.ts";

describe("whatever the environment holds", () => {
  const names = [
    ...Object.keys(ENOUGH),
    ...OVERRIDES,
    "DRAWBRIDGE_SANDBOX",
    "CLOUD_RUN_WORKER_POOL",
    "HEALTH_PORT",
  ];
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "0",
      "1",
      "true",
      "http://127.0.0.1:1",
      "http://evil.example",
      "xoxb-a",
      "NaN",
      "1e9",
    ),
    fc.string({ unit: "binary" }),
  );
  const loopback = fc.constantFrom("http://127.0.0.1:1", "http://localhost:2", "http://[::1]:3");
  const elsewhere = fc.constantFrom("http://evil.example", "http://127.0.0.1@evil.example", "//evil.example");
  const address = fc.oneof({ weight: 9, arbitrary: loopback }, { weight: 1, arbitrary: elsewhere });
  const env: fc.Arbitrary<Environment> = fc.oneof(
    fc.dictionary(fc.constantFrom(...names, "__proto__", "constructor"), value),
    fc.dictionary(fc.constantFrom(...names), value).map((each) => ({ ...ENOUGH, ...each })),
    // Little of the above is taken at all: here nothing else can be wrong.
    fc
      .record({
        ...Object.fromEntries(OVERRIDES.map((name) => [name, fc.option(address, { nil: undefined })])),
        DRAWBRIDGE_SANDBOX: fc.constantFrom("1", "true", "0", ""),
        CLOUD_RUN_WORKER_POOL: fc.constantFrom("", "", "drawbridge"),
      })
      .map((each) => ({ ...ENOUGH, ...each })),
  );

  it("it is a configuration or a ConfigError, and never an override outside a sandbox on loopback", () => {
    let overridden = 0;
    fc.assert(
      fc.property(env, (each) => {
        if (problemsOf(each).length > 0) return;
        const config = loadConfig(each);
        const addresses = [
          config.slack.apiUrl,
          config.cloudflare.baseUrl,
          config.google.endpoint,
          config.edgeUrl,
          config.clockUrl,
        ];
        const set = addresses.filter((address) => address !== undefined);
        if (set.length > 0) overridden += 1;
        if (set.length > 0) expect([config.sandbox, each.CLOUD_RUN_WORKER_POOL || ""]).toEqual([true, ""]);
        for (const address of set) expect(address).not.toContain("evil");
      }),
      { numRuns: 1000 },
    );
    expect(overridden).toBeGreaterThan(20);
  });

  it("no problem repeats a value: it might be a secret in the wrong place", () => {
    fc.assert(
      fc.property(
        fc.subarray([...names, "LOG_LEVEL", "SWEEP_SECONDS", "PROOF_VISITS"], { minLength: 1 }),
        (wrong) => {
          const env = { ...ENOUGH, ...Object.fromEntries(wrong.map((name) => [name, "MARKED0123456789"])) };
          expect(problemsOf(env).join("\n")).not.toContain("MARKED");
        },
      ),
    );
  });
});
