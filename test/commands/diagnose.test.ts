// The command as people run it: files and standard input in, text or JSON out, and its exit codes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CAUSES } from "../../src/domain/diagnosis/facts.ts";
import { runbookPage } from "../../src/domain/diagnosis/remedies.ts";
import {
  allUp,
  asExport,
  asJson,
  asText,
  boot,
  CONNECTOR,
  quicDial,
  tcpDial,
} from "../domain/diagnosis-scripts.ts";
import { type Outcome, ROOT, runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "diagnose-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: string[], input: string | Buffer = ""): Promise<Outcome> {
  return runCommand("diagnose", args, { input });
}

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const BLOCKED = [...boot(0), ...tcpDial(16), ...tcpDial(50)];
const FIELDS = ["cause", "severity", "confidence", "connector", "since", "evidence", "remedy"];

test("a file, as text for people", async () => {
  const { code, out, err } = await run([file("blocked.log", asText(BLOCKED))]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain(`tcp-7844-blocked (critical)\n`);
  expect(out).toContain(`connector ${CONNECTOR}`);
  expect(out).toContain(":7844: i/o timeout");
  expect(out.replace(/\s+/g, " ")).toContain("template.vpcAccess.egress to private-ranges-only");
  expect(out).toContain("docs/runbook/tcp-7844-blocked.md");
});

test("standard input and --json, for every form of a log", async () => {
  const forms = [asJson(BLOCKED), asText(BLOCKED), JSON.stringify(asExport(BLOCKED).toReversed(), null, 2)];
  for (const form of forms) {
    const { code, out } = await run(["--json"], form);
    const found = JSON.parse(out) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(found).toHaveLength(1);
    expect(Object.keys(found[0]!)).toEqual(FIELDS);
    expect(found[0]).toMatchObject({
      cause: "tcp-7844-blocked",
      connector: CONNECTOR,
      since: "2026-10-05T03:00:16.000Z",
    });
  }
});

test("nothing wrong: an empty array, or one sentence", async () => {
  const healthy = asJson([...boot(0), ...allUp(2)]);
  expect(await run(["--json"], healthy)).toEqual({ code: 0, out: "[]\n", err: "" });
  expect((await run(["-"], healthy)).out).toBe("Nothing wrong found.\n");
});

test("several files, one of them twice", async () => {
  const quic = file(
    "quic.log",
    asJson([...boot(0, "quic", "77777777-0000-4000-8000-000000000007"), quicDial(6)]),
  );
  const healthy = file("healthy.log", asJson([...boot(0), ...allUp(2)]));
  const { out } = await run(["--json", quic, healthy, quic]);
  expect(JSON.parse(out)).toMatchObject([
    { cause: "quic-blocked", connector: "77777777-0000-4000-8000-000000000007" },
  ]);
});

test("lines that are no log are skipped, and most of them are worth a note", async () => {
  const some = await run(["--json"], `# copied from the console\n${asJson(BLOCKED)}{"half": `);
  expect(some).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(some.out)).toMatchObject([{ cause: "tcp-7844-blocked" }]);
  const most = await run(["--json"], `${asJson(boot(0).slice(0, 1))}GET / 200\nGET /a 200\n`);
  expect(most).toMatchObject({ code: 0, out: "[]\n" });
  expect(most.err).toContain("2 of 3 lines of standard input were not understood");
});

test("where no line is cloudflared's, nothing is said of the tunnel but that", async () => {
  const foreign = ["GET / 200\nGET /a 200\nGET /b 404\n", '{"a": 1}\n{"a": 2}\n{"a": 3}\n'];
  for (const log of foreign) {
    const json = await run(["--json"], log);
    expect(json).toMatchObject({ code: 2, out: "[]\n" });
    expect(json.err).toContain("3 of 3 lines of standard input were not understood");
    expect(json.err).toMatch(/Not one line is cloudflared's.*says nothing of the tunnel.*journalctl/s);
    expect(await run([], log)).toEqual({ ...json, out: "" });
  }
  const healthy = file("good.log", asJson([...boot(0), ...allUp(2)]));
  expect(await run([healthy, "-"], foreign[0])).toMatchObject({ code: 0, out: "Nothing wrong found.\n" });
});

test.each(["", "\n \n", "[]\n"])("an empty input, such as %j, is no tunnel in good health", async (input) => {
  for (const args of [[], ["--json"], [file("empty.log", input), "-"]])
    expect(await run(args, input)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/standard input is empty\.\nThere was nothing to read/),
    });
  const healthy = file("well.log", asJson([...boot(0), ...allUp(2)]));
  expect(await run([healthy, "-"], input)).toMatchObject({ code: 0, out: "Nothing wrong found.\n" });
});

test("what cannot be read ends with 2 and says why", async () => {
  const missing = await run([join(folder, "missing.log")]);
  expect(missing).toMatchObject({ code: 2, out: "" });
  expect(missing.err).toMatch(/Cannot read .*missing\.log: ENOENT/);
  expect((await run([folder])).code).toBe(2);
  expect((await run([file("packed.gz", Buffer.from([31, 139, 8, 0, 0, 0]))])).err).toContain("is not text");
  const unknown = await run(["--yaml"]);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.err).toContain("Unknown option --yaml");
  expect(await run(["--help"])).toMatchObject({ code: 0, err: "" });
});

test("every cause has its page, and the index names them all", () => {
  const index = readFileSync(join(ROOT, "docs/runbook/README.md"), "utf8");
  for (const cause of CAUSES) {
    expect(existsSync(join(ROOT, runbookPage(cause))), cause).toBe(true);
    expect(index).toContain(`[${cause}](${cause}.md)`);
  }
});
