// Of which packages a bundle took code: the bill of materials and the licenses name the same ones.
import { readFileSync } from "node:fs";
import type { Rolldown } from "vite";

export type Package = { folder: string; name: string; version: string; license?: string };

/** A package's folder, of a file that may lie in a package of a package. */
const FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;

/** By name and version, once each. Nothing in the order changes from one build to the next. */
export function bundledPackages(bundle: Rolldown.OutputBundle): Package[] {
  const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
  const folders = new Set(modules.flatMap((module) => FOLDER.exec(module.replace("\0", "")) ?? []));
  const packages = [...folders].sort().map(packageIn);
  const byVersion = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return [...byVersion.keys()].sort().flatMap((key) => byVersion.get(key) ?? []);
}

export function packageIn(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as Package;
  return { folder, name, version, ...(license ? { license } : {}) };
}
