// The image: that what it would hold really runs, as the user and with the files it has.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  globSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Resvg } from "@resvg/resvg-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UNBUNDLED } from "../../deploy/bundle.ts";
import { startArguments } from "../../sandbox/bot.ts";
import { ALL_STANDING, expose, standing } from "../exposing.ts";
import { createWorld } from "../world.ts";
import { AS_ROOT, carryOut, only, pairsOf, parseDockerfile, type Stage } from "./dockerfile.ts";
import { textOf } from "./repository.ts";

const file = parseDockerfile(textOf("Dockerfile"));
const [, runtime] = file.stages as [Stage, Stage];
const manifest = JSON.parse(textOf("package.json"));

let folder = "";
let image = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-image-"));
  chmodSync(folder, 0o755);
  image = carryOut(file, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function environment(): Record<string, string> {
  const set = pairsOf(only(runtime, "ENV").join(" "));
  return { ...set, DATA_DIR: join(image, set.DATA_DIR ?? "") };
}

/** As the entry point would: the same program, arguments, folder and variables. */
async function runImage(args: string[] | null, env: Record<string, string> = {}, { asUs = false } = {}) {
  const [uid, gid] = (only(runtime, "USER").at(-1) ?? "").split(":").map(Number);
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

/** Nothing but letters has their colour. Without its fonts, resvg draws none of them and says nothing. */
function hasLetters(png: Buffer): boolean {
  const size = `width="${png.readUInt32BE(16)}" height="${png.readUInt32BE(20)}"`;
  const image = `<image ${size} href="data:image/png;base64,${png.toString("base64")}"/>`;
  const { pixels } = new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${image}</svg>`).render();
  return pixels.includes(Buffer.from("1d2433ff", "hex"));
}

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

test("its bill of materials names all of that, and the Node that it has", () => {
  const bill = JSON.parse(readFileSync(join(image, "app/dist/drawbridge.cdx.json"), "utf8")) as {
    components: { name: string; version: string }[];
  };
  const named = new Map(bill.components.map(({ name, version }) => [name, version]));
  const beside = globSync("@*/*", { cwd: join(image, "app/node_modules") });
  expect(beside).toHaveLength(3);
  for (const name of beside) {
    const { version } = JSON.parse(
      readFileSync(join(image, "app/node_modules", name, "package.json"), "utf8"),
    );
    expect(named.get(name), name).toBe(version);
  }
  expect(named.get("node")).toBe(manifest.devDependencies.node);
});

test("the license of Node is in it, and those of the packages", () => {
  expect(readFileSync(join(image, "usr/local/share/doc/node/LICENSE"), "utf8")).toMatch(
    /^Node\.js is licensed for use as follows:/,
  );
  expect(existsSync(join(image, "app/dist/LICENSES.md"))).toBe(true);
});

test("whoever runs it may read the code, and only its own user the data", () => {
  const modeOf = (path: string) => statSync(join(image, path)).mode & 0o777;
  expect(["", "app", "app/dist"].map(modeOf)).toEqual([0o755, 0o755, 0o755]);
  expect(modeOf("app/dist/main.js")).toBe(0o644);
  expect(modeOf("data")).toBe(0o700);
});

test.runIf(AS_ROOT)(
  "it may change nothing but the data: all else is root's, and nobody else may write",
  () => {
    const paths = ["", ...readdirSync(image, { recursive: true, encoding: "utf8" })];
    const open = paths.filter((path) => {
      const { uid, gid, mode } = lstatSync(join(image, path));
      return uid !== 0 || gid !== 0 || (mode & 0o022) !== 0;
    });
    expect(open).toEqual(["data"]);
    const { uid, gid } = statSync(join(image, "data"));
    expect(`${uid}:${gid}`).toBe(only(runtime, "USER").at(-1));
  },
);

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
    const blocks = () => world.asha.directMessages().flatMap((message) => message.blocks);
    const shown = () => blocks().find(({ type }) => type === "image");
    const picture = await fetch(String((await world.until("the picture comes", shown)).image_url));
    expect(hasLetters(Buffer.from(await picture.arrayBuffer()))).toBe(true);

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
