// Opens the embedded store in a folder (or takes only its lock) and keeps it until it is killed.
import { openDatabase } from "../../src/store/database.ts";
import { lockFolder } from "../../src/store/folder-lock.ts";

const [folder = "", what = "store"] = process.argv.slice(2);

try {
  process.stdout.write("tries\n");
  if (what === "lock") lockFolder(folder);
  else await openDatabase({ dataDir: folder });
  process.stdout.write("holds\n");
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${error}\n`);
}
