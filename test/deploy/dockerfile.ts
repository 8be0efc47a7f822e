// A Dockerfile as a list of instructions by stage, and its steps carried out in a clean folder, without Docker.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ROOT, textOf } from "./repository.ts";

const NODE = join(ROOT, "node_modules/node/bin/node");
const NODE_PACKAGE = join(ROOT, `node_modules/node/node_modules/node-${process.platform}-${process.arch}`);

/** What no step makes, but a base has: of Node, the tests' pinned one stands for it, the same version. */
const OF_BASE: Record<string, string> = {
  "/usr/local/bin/node": NODE,
  "/usr/local/LICENSE": join(NODE_PACKAGE, "LICENSE"),
};

const ROOT_USER = "0:0";

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

/** What each of a stage's instructions of one kind says. */
export function only(stage: Stage, does: string): string[] {
  return stage.instructions.filter((each) => each.does === does).map((each) => each.value);
}

export function filled(text: string, args: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => args[name] ?? whole);
}

/** `A=1 B="two words"` */
export function pairsOf(value: string): Record<string, string> {
  const pairs = [...value.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? ""]));
}

type Copy = { from: string | null; owner: string; sources: string[]; target: string };

/** `--from=build a b c/`. Whoever the steps run as, what is copied is root's unless it says otherwise. */
export function copyOf(value: string): Copy {
  const words = value.split(/\s+/);
  const flag = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split("=")[1];
  const paths = words.filter((word) => !word.startsWith("--"));
  return {
    from: flag("from") ?? null,
    owner: flag("chown") ?? ROOT_USER,
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? "",
  };
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

function carryOutStage({ image, instructions }: Stage, root: string, folder: string): void {
  let workdir = "/";
  let user = image.includes(":nonroot") ? "65532:65532" : ROOT_USER;
  makeFolder(root, ROOT_USER);
  for (const { does, value } of instructions) {
    if (does === "USER") user = value;
    if (does === "WORKDIR") {
      workdir = value;
      makeFolder(join(root, workdir), user);
    }
    if (does === "COPY") copy(copyOf(value), root, workdir, folder);
    if (does === "RUN") for (const command of value.split(" && ")) run(command, root, workdir);
  }
}

/** With those above it that are missing, as WORKDIR and COPY do: of one that is there, nothing changes. */
function makeFolder(path: string, owner: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (!first) return;
  execFileSync("chmod", ["-R", "0755", first]);
  give(first, owner);
}

function give(path: string, owner: string): void {
  if (AS_ROOT) execFileSync("chown", ["-R", "--no-dereference", owner, path]);
}

/** As BuildKit does: of a folder, what is in it. https://github.com/tonistiigi/fsutil/blob/master/copy/copy.go */
function copy({ from, owner, sources, target }: Copy, root: string, workdir: string, folder: string): void {
  const into = target.startsWith("/") ? join(root, target) : join(root, workdir, target);
  for (const source of sources) {
    const given = from ? madeBy(from, source, folder) : sentToBuild(source);
    if (statSync(given).isDirectory()) {
      makeFolder(into, owner);
      for (const name of readdirSync(given)) copyOne(join(given, name), join(into, name), owner);
    } else {
      const to = target.endsWith("/") ? join(into, basename(source)) : into;
      makeFolder(dirname(to), owner);
      copyOne(given, to, owner);
    }
  }
}

function copyOne(from: string, to: string, owner: string): void {
  execFileSync("cp", ["-a", "--no-target-directory", from, to]);
  give(to, owner);
}

function madeBy(stage: string, source: string, folder: string): string {
  return OF_BASE[source] ?? join(folder, stage, source);
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
