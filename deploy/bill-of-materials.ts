// The bill of materials of a bundle, in CycloneDX: what is bundled stands in no folder of its own, where a scanner would look.
// https://cyclonedx.org/docs/1.6/json/
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { bundledPackages, type Package, packageIn } from "./bundled-packages.ts";

/** Those of https://spdx.org/licenses that packages here have, or are likely to have one day. */
const SPDX_IDS: ReadonlySet<string> = new Set([
  ...["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "ISC", "MIT"],
  ...["MIT-0", "MPL-2.0", "Python-2.0", "Unicode-3.0", "Unlicense", "Zlib"],
]);

export type Named = {
  fileName: string;
  /** The folder with the manifest of what is bundled, and with its packages. */
  root: string;
  /** Packages that are not in the bundle and go with it. */
  beside: readonly string[];
};

/** Names each package that code was taken from, those beside it, and Node. Nothing in it changes from one build to the next. */
export function billOfMaterials({ fileName, root, beside }: Named): Plugin {
  return {
    name: "bill-of-materials",
    generateBundle(_, bundle) {
      const packages = [...bundledPackages(bundle), ...beside.flatMap((name) => installed(root, name))];
      const components = [nodeComponent(process.version.slice(1)), ...packages.map(component)];
      components.sort((one, other) => (one.purl < other.purl ? -1 : 1));
      const { name, version, license } = packageIn(`${root}/`);
      const subject = { type: "application", "bom-ref": name, name, version, ...licensesOf(license) };
      const metadata = { component: subject };
      const bill = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata, components };
      this.emitFile({ type: "asset", fileName, source: JSON.stringify(bill, null, 2) });
    },
  };
}

/** With what it has for this platform in a package of its own. */
function installed(root: string, name: string): Package[] {
  const folder = (of: string) => join(root, "node_modules", of, "/");
  const { optionalDependencies = {} } = JSON.parse(readFileSync(`${folder(name)}package.json`, "utf8")) as {
    optionalDependencies?: Record<string, string>;
  };
  const optional = Object.keys(optionalDependencies).filter((each) => existsSync(folder(each)));
  return [name, ...optional].map((each) => packageIn(folder(each)));
}

function component({ name, version, license }: Package) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { type: "library", "bom-ref": purl, name, version, purl, ...licensesOf(license) };
}

/** The Node that builds is the one that the image gets. By the names that Syft and Grype have for it, who know no "platform". */
function nodeComponent(version: string) {
  const purl = `pkg:generic/node@${version}`;
  const cpe = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
  return { type: "application", "bom-ref": purl, name: "node", version, cpe, purl, ...licensesOf("MIT") };
}

/** As a manifest has it: an id, several in one expression, or somebody's own words. */
export function licensesOf(license: string | undefined) {
  if (!license) return {};
  const words = license.split(/[\s()]+/).filter(Boolean);
  const ids = words.filter((word) => !["AND", "OR"].includes(word));
  if (!ids.every((id) => SPDX_IDS.has(id))) return { licenses: [{ license: { name: license } }] };
  return words.length > 1
    ? { licenses: [{ expression: license }] }
    : { licenses: [{ license: { id: words[0] } }] };
}
