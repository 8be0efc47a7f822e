// Puts the queue's tables into a database that is to be a template.
import pino from "pino";
import { createQueue } from "../src/jobs/queue.ts";
import type { Database } from "../src/store/database.ts";

export async function prepareQueue({ url, pglite }: Database): Promise<void> {
  const queue = createQueue({ url, pglite, log: pino({ enabled: false }) });
  await queue.start();
  await queue.stop(5_000);
}
