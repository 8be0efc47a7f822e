// The bundle that the image runs: what it says of what is in it, to scanners and to whoever asks for licenses.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { licensesOf } from "../../deploy/bill-of-materials.ts";
import { UNBUNDLED } from "../../deploy/bundle.ts";
import { sectionOf } from "../../deploy/licenses.ts";
import manifest from "../../package.json" with { type: "json" };
import { madeOnce } from "../made-once.ts";
import { productionPackages } from "./dockerfile.ts";

type License = { license?: { id?: string; name?: string }; expression?: string };
type Component = { name: string; version: string; purl: string; cpe?: string; licenses?: License[] };
type Bill = { metadata: { component: Component }; components: Component[] };

const DEPENDENCIES: Record<string, string> = manifest.dependencies;
const bundled = Object.keys(DEPENDENCIES).filter((name) => !UNBUNDLED.includes(name));

let folder = "";
let bill: Bill;
/** What stands under each heading. */
let licenses: Map<string, string>;

beforeAll(async () => {
  folder = await madeOnce("bundle");
  bill = JSON.parse(readFileSync(join(folder, "drawbridge.cdx.json"), "utf8")) as Bill;
  const [, ...sections] = readFileSync(join(folder, "LICENSES.md"), "utf8").split(/^## (?=\S+ - \d)/m);
  licenses = new Map(
    sections.map((section) => [section.split(" - ")[0] ?? "", section.slice(section.indexOf("\n"))]),
  );
});

test("its bill of materials names what is in it with the versions of the lock file, and nothing for development", () => {
  const named = bill.components.map(({ purl }) => purl).filter((purl) => purl.startsWith("pkg:npm/"));
  const locked = new Set(productionPackages().map(({ purl }) => purl));
  expect(named.filter((purl) => !locked.has(purl))).toEqual([]);
  expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(DEPENDENCIES)));
  // Of what those use themselves, too.
  expect(named.length).toBeGreaterThan(100);
  expect(new Set(named).size).toBe(named.length);
});

test("it names Drawbridge, and the Node that built it as scanners look for it", () => {
  const { name, version } = manifest;
  expect(bill.metadata.component).toMatchObject({ type: "application", name, version });
  const node = process.version.slice(1);
  expect(bill.components).toContainEqual(
    expect.objectContaining({
      type: "application",
      purl: `pkg:generic/node@${node}`,
      cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    }),
  );
});

test("every component has a license, by its SPDX id but for one that says no more than BSD", () => {
  const unknown = bill.components.filter(({ licenses: [first] = [] }) => !first?.license?.id);
  expect(unknown.map(({ name, licenses }) => [name, licenses])).toEqual([
    ["url-template", [{ license: { name: "BSD" } }]],
  ]);
});

test.each([
  ["MIT", { license: { id: "MIT" } }],
  ["(MIT)", { license: { id: "MIT" } }],
  ["(MIT OR CC0-1.0)", { expression: "(MIT OR CC0-1.0)" }],
  ["MIT AND SomethingElse", { license: { name: "MIT AND SomethingElse" } }],
  ["SEE LICENSE IN LICENSE.txt", { license: { name: "SEE LICENSE IN LICENSE.txt" } }],
])("a manifest's %s in CycloneDX", (said, license) => {
  expect(licensesOf(said)).toEqual({ licenses: [license] });
});

test("a license that no manifest names is none", () => {
  expect(licensesOf(undefined)).toEqual({});
});

test("the licenses of what is in it are beside it, with their texts", () => {
  expect([...licenses.keys()]).toEqual(expect.arrayContaining(bundled));
  const empty = [...licenses].filter(([, text]) => !/copyright|permission|redistribution/i.test(text));
  expect(empty.map(([name]) => name)).toEqual([]);
});

test("a text that only the README has is there, and one that is the same for everybody", () => {
  expect(licenses.get("pgpass")).toContain("Copyright (c) 2013-2016 Hannes Hörl");
  expect(licenses.get("data-uri-to-buffer")).toContain("Copyright (c) 2014 Nathan Rajlich");
  expect(licenses.get("@google-cloud/run")).toContain("Version 2.0, January 2004");
});

test("so is the license of what a package took from somebody else", () => {
  expect(licenses.get("undici")).toContain("Matteo Collina");
  expect(licenses.get("undici")).toContain(
    "In lib/web/fetch:\n\nMIT License\n\nCopyright (c) 2020 Ethan Arrowood",
  );
  expect(licenses.get("protobufjs")).toContain("In google:");
});

test.each([
  ["a name and no text", "# Shy\n\n## License\n\nMIT\n"],
  ["no license", "# Shy\n\nCopyright is for others.\n"],
  ["nothing", null],
])("there is no bundle with a package whose README has %s", (_, readme) => {
  const shy = mkdtempSync(join(tmpdir(), "drawbridge-package-"));
  onTestFinished(() => rmSync(shy, { recursive: true }));
  if (readme !== null) writeFileSync(join(shy, "README.md"), readme);
  expect(() => sectionOf({ folder: `${shy}/`, name: "shy", version: "1.0.0", license: "MIT" })).toThrow(
    "shy 1.0.0 has no text of its license, in a file or in its README",
  );
});

test("its fonts are where it looks for them, with their license", () => {
  const text = readFileSync(join(folder, "main.js"), "utf8");
  const names = [...text.matchAll(/"(inter-\w+\.ttf)"/g)].map(([, name = ""]) => name);
  expect(names).toHaveLength(2);
  for (const name of [...names, "LICENSE"]) expect(existsSync(join(folder, "fonts", name)), name).toBe(true);
});
