// A Dockerfile as a list of instructions by stage, and its steps carried out in a clean folder, without Docker.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ROOT, textOf } from "./repository.ts";

const NODE = join(ROOT, "node_modules/node/bin/node");

/** Only root may give files away, or run a process as somebody else. */
export const AS_ROOT = process.getuid?.() === 0;

export type Instruction = { does: string; value: string };
export type Stage = { name: string; image: string; instructions: Instruction[] };
export type Dockerfile = { args: Record<string, string>; stages: Stage[] };

export function parseDockerfile(text: string): Dockerfile {
  const lines = text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n");
  const file: Dockerfile = { args: {}, stages: [] };
  for (const line of lines) {
    const [, does = "", value = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const stage = file.stages.at(-1);
    if (does === "FROM") file.stages.push({ ...fromOf(value, file.args), instructions: [] });
    else if (stage) stage.instructions.push({ does, value });
    else if (does === "ARG") Object.assign(file.args, pairsOf(value));
    else throw new Error(`"${line}" stands before the first FROM`);
  }
  return file;
}

function fromOf(value: string, args: Record<string, string>): { name: string; image: string } {
  const [, image = "", name = ""] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(value) ?? [];
  return { name, image: filled(image, args) };
}

export function filled(text: string, args: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => args[name] ?? whole);
}

/** `A=1 B="two words"` */
export function pairsOf(value: string): Record<string, string> {
  const pairs = [...value.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? ""]));
}

/** `--from=build a b c/` */
export function copyOf(value: string): { from: string | null; sources: string[]; target: string } {
  const words = value.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length) ?? null;
  const paths = words.filter((word) => !word.startsWith("--"));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? "" };
}

/** What .dockerignore, an allow list, lets through. */
export function allowedIntoBuild(): string[] {
  const lines = textOf(".dockerignore")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  if (lines[0] !== "*") throw new Error(".dockerignore does not begin by refusing everything");
  return lines.slice(1).map((line) => line.replace(/^!/, ""));
}

/** Carries out every COPY, WORKDIR and RUN, each stage in a folder of its own. Returns the last stage's. */
export function carryOut(file: Dockerfile, folder: string): string {
  file.stages.forEach((stage, index) => {
    carryOutStage(stage, join(folder, stage.name || `${index}`), folder);
  });
  return join(folder, file.stages.at(-1)?.name || `${file.stages.length - 1}`);
}

function carryOutStage({ instructions }: Stage, root: string, folder: string): void {
  let workdir = "/";
  for (const { does, value } of instructions) {
    if (does === "WORKDIR") workdir = value;
    mkdirSync(join(root, workdir), { recursive: true });
    if (does === "COPY") copy(value, root, workdir, folder);
    if (does === "RUN") for (const command of value.split(" && ")) run(command, root, workdir);
  }
}

function copy(value: string, root: string, workdir: string, folder: string): void {
  const { from, sources, target } = copyOf(value);
  const into = target.startsWith("/") ? join(root, target) : join(root, workdir, target);
  for (const source of sources) {
    const to = target.endsWith("/") ? join(into, basename(source)) : into;
    mkdirSync(dirname(to), { recursive: true });
    if (from) execFileSync("cp", ["-al", "--no-target-directory", madeBy(from, source, folder), to]);
    else execFileSync("cp", ["-a", "--no-target-directory", sentToBuild(source), to]);
    const owner = /--chown=(\S+)/.exec(value)?.[1];
    if (owner && AS_ROOT) execFileSync("chown", ["-R", owner, to]);
  }
}

/** The base's own Node is the one thing that no step makes: the tests' pinned one, the same version, stands for it. */
function madeBy(stage: string, source: string, folder: string): string {
  return source === "/usr/local/bin/node" ? NODE : join(folder, stage, source);
}

function sentToBuild(source: string): string {
  if (!allowedIntoBuild().includes(source)) throw new Error(`.dockerignore keeps out ${source}`);
  return join(ROOT, source);
}

function run(command: string, root: string, workdir: string): void {
  const [program = "", ...args] = command.split(/\s+/);
  const cwd = join(root, workdir);
  if (program === "npm") install(cwd);
  else if (program === "node") execFileSync(NODE, args, { cwd });
  else if (["chmod", "mkdir"].includes(program)) {
    const inside = args.map((arg) => (arg.startsWith("/") ? join(root, arg) : arg));
    execFileSync(program, inside, { cwd });
  } else throw new Error(`no step for "${command}"`);
}

/** What `npm ci` puts there, taken from the checkout, which has it. By hard link, as nothing changes these files: 30,000 of
 *  them in a second. */
function install(folder: string): void {
  for (const { path, optional } of productionPackages())
    if (!optional && !existsSync(join(ROOT, path))) throw new Error(`${path} is not installed: run npm ci`);
  mkdirSync(folder, { recursive: true });
  execFileSync("cp", ["-al", "node_modules", folder], { cwd: ROOT });
}

/** Packages that the lock file does not mark as only for development, with their address for a bill of materials. */
export function productionPackages(): { path: string; optional: boolean; purl: string }[] {
  const { packages } = JSON.parse(textOf("package-lock.json")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; version?: string }>;
  };
  return Object.entries(packages)
    .filter(([path, entry]) => path && !entry.dev)
    .map(([path, { optional = false, version = "" }]) => {
      const name = path.split("node_modules/").at(-1) ?? "";
      return { path, optional, purl: `pkg:npm/${name.replace("@", "%40")}@${version}` };
    });
}
