// Opens the embedded store in a folder and keeps it open until it is killed. With `lock`, takes the folder's lock only.
import { openDatabase } from "../../src/store/database.ts";
import { lockFolder } from "../../src/store/folder-lock.ts";

const [folder = "", what, at = "0"] = process.argv.slice(2);

try {
  // All who are to start at the same moment wait for it awake: a timer would spread them.
  while (Date.now() < Number(at));
  if (what === "lock") lockFolder(folder);
  else await openDatabase({ dataDir: folder });
  process.stdout.write("holds\n");
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? `${error.name}: ${error.message}` : error}\nrefused\n`);
}
