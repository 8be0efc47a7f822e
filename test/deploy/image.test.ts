// The image: what its Dockerfile promises, and that what it would hold really runs, as the user and with the files it has.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UNBUNDLED } from "../../deploy/bundle.ts";
import { startArguments } from "../../sandbox/bot.ts";
import { ALL_STANDING, expose, standing } from "../exposing.ts";
import { createWorld } from "../world.ts";
import {
  AS_ROOT,
  allowedIntoBuild,
  carryOut,
  copyOf,
  filled,
  pairsOf,
  parseDockerfile,
  productionPackages,
} from "./dockerfile.ts";
import { textOf } from "./repository.ts";

const file = parseDockerfile(textOf("Dockerfile"));
const [build, runtime] = file.stages as [(typeof file.stages)[0], (typeof file.stages)[0]];
const manifest = JSON.parse(textOf("package.json"));
const all = file.stages.flatMap((stage) => stage.instructions);

let folder = "";
let image = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-image-"));
  chmodSync(folder, 0o755);
  image = carryOut(file, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function only(stage: typeof runtime, does: string): string[] {
  return stage.instructions.filter((each) => each.does === does).map((each) => each.value);
}

function environment(): Record<string, string> {
  const set = Object.assign({}, ...only(runtime, "ENV").map(pairsOf)) as Record<string, string>;
  return { ...set, DATA_DIR: join(image, set.DATA_DIR ?? "") };
}

/** As the entry point would: the same program, arguments, folder and variables. */
async function runImage(args: string[] | null, env: Record<string, string> = {}, { asUs = false } = {}) {
  const [uid, gid] = (only(runtime, "USER")[0] ?? "").split(":").map(Number);
  const [program = ""] = JSON.parse(only(runtime, "ENTRYPOINT")[0] ?? "[]") as string[];
  const command = args ?? (JSON.parse(only(runtime, "CMD")[0] ?? "[]") as string[]);
  const child = spawn(join(image, program), command, {
    cwd: join(image, only(runtime, "WORKDIR")[0] ?? ""),
    env: { ...environment(), ...env },
    ...(AS_ROOT && !asUs ? { uid, gid } : {}),
  });
  const [ended, stdout, stderr] = await Promise.all([
    once(child, "exit"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status: ended[0] as number | null, stdout, stderr };
}

test("a linter finds nothing to say", () => {
  expect(validate(textOf("Dockerfile"))).toEqual([]);
  expect(validate("FROM node\nRUNN npm ci\n")).not.toEqual([]);
});

test("both bases are pinned by a tag that says a version, and Node is the one that the tests run on", () => {
  expect(file.stages.map((stage) => stage.image)).toEqual([
    `node:${manifest.devDependencies.node}-trixie-slim`,
    "gcr.io/distroless/cc-debian13:nonroot",
  ]);
  expect(Object.keys(file.args)).toEqual(["NODE_IMAGE", "RUNTIME_IMAGE"]);
});

test("it installs what the lock file says, and runs no script of a package", () => {
  const installs = only(build, "RUN").filter((value) => value.includes("npm ci"));
  expect(installs).toHaveLength(1);
  expect(installs[0]?.split(" ")).toContain("--ignore-scripts");
  const before = build.instructions.slice(
    0,
    build.instructions.findIndex((each) => each.value.includes("npm ci")),
  );
  // Nothing else comes before: a change of the code does not install anew.
  expect(before.filter((each) => each.does === "COPY").map((each) => each.value)).toEqual([
    "package.json package-lock.json ./",
  ]);
});

test("the last stage runs nothing while it is built, so that it needs no shell then or later", () => {
  expect(only(runtime, "RUN")).toEqual([]);
  expect(only(runtime, "SHELL")).toEqual([]);
  for (const does of ["ENTRYPOINT", "CMD"])
    expect(JSON.parse(only(runtime, does)[0] ?? "")).toBeInstanceOf(Array);
});

test("it runs what `npm start` runs, from the bundle", () => {
  expect(JSON.parse(only(runtime, "CMD")[0] ?? "[]")).toEqual(startArguments("dist"));
});

test("it runs as nobody in particular, by number, so that Kubernetes and Cloud Run can tell", () => {
  expect(only(runtime, "USER")).toEqual(["65532:65532"]);
});

test("nothing is fetched but packages, and no secret can get into a layer", () => {
  expect(all.filter((each) => each.does === "ADD")).toEqual([]);
  expect(only(build, "RUN").join("\n")).not.toMatch(/curl|wget|apt|git /);
  const set = all
    .filter((each) => ["ARG", "ENV"].includes(each.does))
    .flatMap((each) => Object.keys(pairsOf(each.value)));
  expect(set.filter((name) => /token|secret|password|key|url/i.test(name))).toEqual([]);
});

test("only what the build needs is sent to it", () => {
  const copied = only(build, "COPY").flatMap((value) => copyOf(value).sources);
  expect([...new Set(copied)].sort()).toEqual(allowedIntoBuild().sort());
  expect(only(runtime, "COPY").map((value) => copyOf(value).from)).toEqual(
    only(runtime, "COPY").map(() => "build"),
  );
});

test("it says what it is", () => {
  const args = Object.assign({}, ...only(runtime, "ARG").map(pairsOf)) as Record<string, string>;
  const labels = pairsOf(filled(only(runtime, "LABEL").join(" "), args));
  expect(labels).toEqual({
    "org.opencontainers.image.title": "Drawbridge",
    "org.opencontainers.image.description": expect.stringContaining("Cloud Run"),
    "org.opencontainers.image.licenses": manifest.license,
    "org.opencontainers.image.version": manifest.version,
    "org.opencontainers.image.revision": "unknown",
  });
});

test("it holds the bundle, the packages that are not in it, and nothing else", () => {
  expect(readdirSync(join(image, "app")).sort()).toEqual([
    ...["LICENSE", "dist", "node_modules", "package.json"],
  ]);
  const scopes = [...new Set(UNBUNDLED.map((name) => name.split("/")[0] ?? ""))];
  expect(readdirSync(join(image, "app/node_modules")).sort()).toEqual(scopes.sort());
  for (const name of UNBUNDLED) expect(existsSync(join(image, "app/node_modules", name)), name).toBe(true);
  const [platform = "", ...others] = readdirSync(join(image, "app/node_modules/@resvg")).filter(
    (name) => name !== "resvg-js",
  );
  expect(platform).toMatch(/^resvg-js-linux-/);
  expect(others).toEqual([]);
});

test("its bill of materials names what is bundled with the versions of the lock file, and nothing for development", () => {
  const bill = JSON.parse(readFileSync(join(image, "app/dist/drawbridge.cdx.json"), "utf8")) as {
    components: { name: string; purl: string }[];
  };
  const named = bill.components.map(({ purl }) => purl);
  const locked = new Set(productionPackages().map(({ purl }) => purl));
  expect(named.filter((purl) => !locked.has(purl))).toEqual([]);
  const bundled = Object.keys(manifest.dependencies).filter((name) => !UNBUNDLED.includes(name));
  expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(bundled));
  // Of what those use themselves, too.
  expect(named.length).toBeGreaterThan(100);
});

test("the licenses of what is bundled are beside it", () => {
  const licenses = readFileSync(join(image, "app/dist/LICENSES.md"), "utf8");
  const bundled = Object.keys(manifest.dependencies).filter((name) => !UNBUNDLED.includes(name));
  for (const name of bundled) expect(licenses).toContain(`## ${name} - ${manifest.dependencies[name]} `);
});

test("whoever runs it may read the code, and only its own user the data", () => {
  expect(statSync(join(image, "app/dist/main.js")).mode & 0o777).toBe(0o644);
  expect(statSync(join(image, "app/dist")).mode & 0o777).toBe(0o755);
  expect(statSync(join(image, "data")).mode & 0o777).toBe(0o700);
});

test("the bot starts from it, and says all that is missing in plain words", async () => {
  const { status, stdout, stderr } = await runImage(null);
  expect(stderr).toBe(
    "The configuration has 4 problems:\n" +
      "- SLACK_BOT_TOKEN is missing: the bot token of the Slack app (xoxb-…)\n" +
      "- SLACK_APP_TOKEN is missing: an app-level token with connections:write (xapp-…)\n" +
      "- CLOUDFLARE_API_TOKEN is missing: an API token for the account\n" +
      "- CLOUDFLARE_ACCOUNT_ID is missing: the account's id, 32 hexadecimal digits\n",
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});

test("it looks for the policy where the worker pool mounts it", async () => {
  const { status, stderr } = await runImage(null, {
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    CLOUDFLARE_API_TOKEN: "token",
    CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
  });
  expect(stderr).toContain("the policy file /etc/drawbridge/drawbridge.yaml cannot be read (ENOENT)");
  expect(status).toBe(1);
});

test.each(["adopt", "audit", "diagnose", "doctor", "reap", "rotate-token", "setup"])(
  "%s is in it",
  async (name) => {
    expect(manifest.scripts).toHaveProperty([name]);
    const { status, stdout, stderr } = await runImage([`dist/${name}.js`, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`npm run ${name}`);
  },
);

test("where there is no store, the audit says so", async () => {
  expect(await runImage(["dist/audit.js"])).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^There is no store/),
  });
});

test("it opens an exposure, draws a picture and answers its one-off commands, with nothing for development at hand", async () => {
  const [program = ""] = JSON.parse(only(runtime, "ENTRYPOINT")[0] ?? "[]") as string[];
  const command = [join(image, program), ...startArguments(join(image, "app/dist"))];
  const world = await createWorld({ ownProcess: true, embedded: true, command });
  try {
    const host = await expose(world, { service: "billing-api" });
    expect(standing(world, host)).toEqual(ALL_STANDING);
    expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();

    await world.asha.isAnswered("status");
    const isPicture = ({ path }: { path: string }) => path === "/api/files.completeUploadExternal";
    await world.until("the picture comes", () => world.sandbox.shared.journal.entries().find(isPicture));

    // What the sandbox keeps is for whoever started it.
    const audit = await runImage(["dist/audit.js"], world.sandbox.env, { asUs: true });
    expect(audit).toMatchObject({ status: 0, stderr: "" });
    expect(audit.stdout).toContain('"action":"approve"');
    const doctor = await runImage(["dist/doctor.js", "--json"], world.sandbox.env, { asUs: true });
    expect(doctor).toMatchObject({ status: 0, stderr: "" });
  } finally {
    await world.close();
  }
});
