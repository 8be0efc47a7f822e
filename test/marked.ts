// Secrets that carry a mark, for tests that look for it where it must not be.
import pg from "pg";
import type { DemoSeed } from "../sandbox/seed.ts";
import { quickSeed } from "./world.ts";

export const MARK = "MARKED";
export const BOT = `xoxb-1-2-${MARK}bot01234`;
export const APP = `xapp-1-A0-3-${MARK}app01234`;
export const CLOUDFLARE = `${MARK}-cloudflare_0123`;
/** As it stands in an address. */
export const PASSWORD = `${MARK}-p%40ssword`;
/** What a vendor's answer repeats at its worst. */
export const ALL = [BOT, APP, CLOUDFLARE, decodeURIComponent(PASSWORD), PASSWORD].join(" ");

/** The sandbox's company with these tokens; Cloudflare's is read from Secret Manager, where the tunnel's lies beside it. */
export function markedSeed(): DemoSeed {
  const seed = quickSeed();
  const secrets = {
    "projects/lakeside-prod/secrets/cloudflare": [CLOUDFLARE],
    "projects/lakeside-prod/secrets/tunnel": [`${MARK}-tunnel`],
  };
  return {
    slack: { ...seed.slack, botToken: BOT, appToken: APP },
    cloudflare: { ...seed.cloudflare, apiToken: CLOUDFLARE },
    google: { ...seed.google, secrets },
  };
}

export const MARKED_ENV = {
  LOG_LEVEL: "trace",
  CLOUDFLARE_API_TOKEN: "sm://projects/lakeside-prod/secrets/cloudflare",
};

/** The same database, by a user whose password carries the mark. */
export async function asMarkedUser(url: string): Promise<string> {
  const marked = new URL(url);
  marked.username = `keeper_${marked.pathname.slice(1, 20)}`;
  marked.password = PASSWORD;
  await rowsOf(
    url,
    `create role ${marked.username} login superuser password '${decodeURIComponent(PASSWORD)}'`,
  );
  return marked.href;
}

export async function rowsOf(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** All that the store holds, the queue's tables as well. */
export async function everyRow(url: string): Promise<string> {
  const tables = await rowsOf(
    url,
    "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema in ('public', 'pgboss')",
  );
  const dumps = tables.map(({ name }) => rowsOf(url, `select to_jsonb(t)::text as row from ${name} t`));
  return JSON.stringify(await Promise.all(dumps));
}
