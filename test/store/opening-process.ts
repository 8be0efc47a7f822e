// A process that opens the store, as one does at its start, and brings the tables up to date.
import { openDatabase } from "../../src/store/database.ts";

await openDatabase({ url: process.argv[2]!, dataDir: "" });
process.stdout.write("opened\n");
