// Opens the embedded store in a folder (or takes only its lock) and keeps it until it is killed.
import { openDatabase } from "../../src/store/database.ts";
import { lockFolder } from "../../src/store/folder-lock.ts";

const [folder = "", what = "store", renewMs = 3_000, patienceMs = 15_000] = process.argv.slice(2);
const times = { renewMs: Number(renewMs), patienceMs: Number(patienceMs) };

try {
  process.stdout.write("tries\n");
  if (what === "lock") await lockFolder(folder, times);
  else await openDatabase({ dataDir: folder });
  process.stdout.write("holds\n");
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${error}\n`);
}
