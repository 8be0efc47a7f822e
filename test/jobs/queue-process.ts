// A process with a queue of its own on a Postgres: it wants rounds of keys and runs them, or takes one job and never ends it.
import { setTimeout } from "node:timers/promises";
import { createQueue } from "../../src/jobs/queue.ts";
import { openDatabase } from "../../src/store/database.ts";
import { quiet } from "../quiet.ts";
import { runRound, wantRound } from "./rounds.ts";

const [url = "", part = "", requests = "0", keys = ""] = process.argv.slice(2);

const database = await openDatabase({ url, dataDir: "" });
const { db } = database;
const queue = createQueue({ ...database, log: quiet });
await queue.start();

if (part === "hang")
  await queue.work("converge", 1, async (key) => {
    process.stdout.write(`took ${key}\n`);
    await new Promise(() => undefined);
  });
else {
  await queue.work(
    "converge",
    4,
    runRound(db, () => setTimeout(10)),
  );
  const names = keys.split(",");
  for (let index = 0; index < Number(requests); index++)
    await wantRound(db, queue, names[index % names.length] ?? "");
}
process.stdout.write("ready\n");
