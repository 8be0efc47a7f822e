// Where the store is: one place, named whole, that outlives the instance.
import { expect, it } from "vitest";
import { loadConfig } from "../src/config.ts";
import { storeLocation } from "../src/config-store.ts";
import { ConfigError } from "../src/config-values.ts";
import { ENOUGH, problemsOf } from "./config-sample.ts";

const cloudSql = { CLOUD_SQL_INSTANCE: "acme:asia-northeast1:drawbridge", CLOUD_SQL_USER: "bot@acme.iam" };

it("the store may be a Cloud SQL instance by its name and the service account that logs in", () => {
  expect(loadConfig({ ...ENOUGH, ...cloudSql }).store.cloudSql).toEqual({
    instance: "acme:asia-northeast1:drawbridge",
    user: "bot@acme.iam",
    database: "drawbridge",
    address: "private",
  });
  const named = { ...ENOUGH, ...cloudSql, CLOUD_SQL_DATABASE: "bridges", CLOUD_SQL_ADDRESS: "psc" };
  expect(loadConfig(named).store.cloudSql).toMatchObject({ database: "bridges", address: "psc" });
});

it.each([
  [{ ...cloudSql, DATABASE_URL: "postgres://127.0.0.1/x" }, /both set: keep the one/],
  [{ CLOUD_SQL_INSTANCE: cloudSql.CLOUD_SQL_INSTANCE }, /^CLOUD_SQL_USER is missing/],
  [{ ...cloudSql, CLOUD_SQL_INSTANCE: "drawbridge" }, /^CLOUD_SQL_INSTANCE is not a Cloud SQL instance/],
  [{ ...cloudSql, CLOUD_SQL_ADDRESS: "outside" }, /^CLOUD_SQL_ADDRESS /],
])("is one, and named whole: %j", (env, problem) => {
  expect(problemsOf({ ...ENOUGH, ...env })).toEqual([expect.stringMatching(problem)]);
  expect(() => storeLocation(env)).toThrow(ConfigError);
});

it.each(["CLOUD_RUN_WORKER_POOL", "CLOUD_RUN_JOB"])("has to outlive its instance: %s", (name) => {
  const env = { ...ENOUGH, [name]: "drawbridge" };
  expect(problemsOf(env)).toEqual([
    expect.stringMatching(/^DATABASE_URL and CLOUD_SQL_INSTANCE are both missing: .*STORE_MAY_BE_LOST=true/),
  ]);
  for (const enough of [cloudSql, { DATABASE_URL: "postgres://127.0.0.1/x" }, { STORE_MAY_BE_LOST: "true" }])
    expect(problemsOf({ ...env, ...enough })).toEqual([]);
  expect(problemsOf({ ...env, STORE_MAY_BE_LOST: "false" })).toHaveLength(1);
});
