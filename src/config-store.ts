// Where the store is: Postgres by its address, Cloud SQL by IAM, or a folder. Read by the bot and by the one-off commands.
import { z } from "zod";
import { checked, type Environment, isYes, optional, written, yes } from "./config-values.ts";
import type { StoreLocation } from "./store/database.ts";

export const storeVariables = {
  DATABASE_URL: optional,
  CLOUD_SQL_INSTANCE: z
    .string()
    .regex(/^([a-z0-9.-]+(:[a-z0-9.-]+){2,3})?$/, {
      error: "is not a Cloud SQL instance: project:region:instance is expected",
    })
    .default(""),
  CLOUD_SQL_USER: optional,
  CLOUD_SQL_DATABASE: written.default("drawbridge"),
  CLOUD_SQL_ADDRESS: z.enum(["private", "public", "psc"]).default("private"),
  DATA_DIR: z.string().min(1).default("./data"),
  STORE_MAY_BE_LOST: yes,
};

const StoreEnvironment = z.object(storeVariables);

/** For commands that need nothing else of the configuration. Throws ConfigError. */
export function storeLocation(env: Environment): StoreLocation {
  return toStoreLocation(checked(StoreEnvironment, env, storeProblems(env)));
}

export function toStoreLocation(env: z.output<typeof StoreEnvironment>): StoreLocation {
  return {
    url: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    ...(env.CLOUD_SQL_INSTANCE
      ? {
          cloudSql: {
            instance: env.CLOUD_SQL_INSTANCE,
            user: env.CLOUD_SQL_USER ?? "",
            database: env.CLOUD_SQL_DATABASE,
            address: env.CLOUD_SQL_ADDRESS,
          },
        }
      : {}),
  };
}

/** Two stores at once, a Cloud SQL instance with nobody to log in as, or a store that ends with the instance. */
export function storeProblems(env: Environment): string[] {
  if (env.DATABASE_URL && env.CLOUD_SQL_INSTANCE)
    return ["DATABASE_URL and CLOUD_SQL_INSTANCE are both set: keep the one that names your database"];
  if (env.CLOUD_SQL_INSTANCE && !env.CLOUD_SQL_USER)
    return [
      "CLOUD_SQL_USER is missing: the service account that logs in, its email without .gserviceaccount.com",
    ];
  const lasts = env.DATABASE_URL || env.CLOUD_SQL_INSTANCE || !isOnCloudRun(env);
  if (lasts || isYes(env.STORE_MAY_BE_LOST)) return [];
  return [
    "DATABASE_URL and CLOUD_SQL_INSTANCE are both missing: on Cloud Run the embedded store is lost with every new " +
      "instance, and with it the end of everything that is open. Name a Postgres database, or say " +
      "STORE_MAY_BE_LOST=true if losing it is fine (a trial, for instance)",
  ];
}

export function isOnCloudRun(env: Environment): boolean {
  return Boolean(env.CLOUD_RUN_WORKER_POOL || env.CLOUD_RUN_JOB || env.K_SERVICE);
}
