// The licenses of what a bundle took code from. Vite's own list has one file of each package: none where the README has the
// text, and not what a package took from somebody else.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Plugin } from "vite";
import { bundledPackages, type Package } from "./bundled-packages.ts";

const LICENSE_FILE = /(?:^|\/)(?:licen[sc]e|copying|notice)(?:-\w+)?(?:\.(?:md|txt))?$/i;

/** With signs before it, or a line below. */
const README_HEADING = /^(?:#+ *licen[sc]e|licen[sc]e\n-+) *$/im;

/** Ends the build where a text is missing. */
export function licenses(fileName: string): Plugin {
  return {
    name: "licenses",
    generateBundle(_, bundle) {
      const sections = bundledPackages(bundle).map(sectionOf);
      this.emitFile({ type: "asset", fileName, source: ["# Licenses\n", ...sections].join("\n") });
    },
  };
}

export function sectionOf(each: Package): string {
  const identifier = each.license ? ` (${each.license})` : "";
  return `## ${each.name} - ${each.version}${identifier}\n\n${textsOf(each).join("\n\n")}\n`;
}

function textsOf(each: Package): string[] {
  const files = readdirSync(each.folder, { recursive: true, encoding: "utf8" })
    .filter((file) => LICENSE_FILE.test(file) && !file.includes("node_modules/"))
    .sort();
  const own = files.filter((file) => !file.includes("/")).map((file) => textIn(each, file));
  const inside = files.filter((file) => file.includes("/"));
  return [
    ...(own.length > 0 ? own : [textWithoutFile(each)]),
    ...inside.map((file) => `In ${dirname(file)}:\n\n${textIn(each, file)}`),
  ];
}

/** The text of Apache-2.0 is the same for everybody: ours. */
function textWithoutFile(each: Package): string {
  if (each.license === "Apache-2.0")
    return readFileSync(new URL("../LICENSE", import.meta.url), "utf8").trim();
  const readme = existsSync(`${each.folder}README.md`) ? textIn(each, "README.md") : "";
  const section = readme.split(README_HEADING)[1]?.split(/^#/m)[0]?.trim() ?? "";
  if (/copyright/i.test(section)) return section;
  throw new Error(`${each.name} ${each.version} has no text of its license, in a file or in its README`);
}

function textIn(each: Package, file: string): string {
  return readFileSync(`${each.folder}${file}`, "utf8").trim();
}
