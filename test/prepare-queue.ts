// Puts the queue's tables into a database that is to be a template.

import { createQueue } from "../src/jobs/queue.ts";
import type { Database } from "../src/store/database.ts";
import { quiet } from "./quiet.ts";

export async function prepareQueue(database: Database): Promise<void> {
  const queue = createQueue({ ...database, log: quiet });
  await queue.start();
  await queue.stop(5_000);
}
