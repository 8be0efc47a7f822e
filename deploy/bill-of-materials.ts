// The bill of materials of a bundle, in CycloneDX: what is bundled stands in no folder of its own, where a scanner would look.
// https://cyclonedx.org/docs/1.6/json/
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

type Manifest = { name: string; version: string; license?: string };

/** A package's folder, of a file that may lie in a package of a package. */
const FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;

/** Names each package that code was taken from. Nothing in it changes from one build to the next. */
export function billOfMaterials(fileName: string): Plugin {
  return {
    name: "bill-of-materials",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const folders = new Set(modules.flatMap((module) => FOLDER.exec(module.replace("\0", "")) ?? []));
      const components = [...folders].map((folder) => component(manifestIn(folder)));
      components.sort((one, other) => (one.purl < other.purl ? -1 : 1));
      const bill = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components };
      this.emitFile({ type: "asset", fileName, source: JSON.stringify(bill, null, 2) });
    },
  };
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as Manifest;
}

function component({ name, version, license }: Manifest) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const licenses = license ? { licenses: [{ license: { name: license } }] } : {};
  return { type: "library", "bom-ref": purl, name, version, purl, ...licenses };
}
