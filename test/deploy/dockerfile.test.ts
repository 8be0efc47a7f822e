// What the Dockerfile promises before anything of it is carried out.
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { startArguments } from "../../sandbox/bot.ts";
import {
  allowedIntoBuild,
  copyOf,
  filled,
  only,
  pairsOf,
  parseDockerfile,
  type Stage,
} from "./dockerfile.ts";
import { textOf } from "./repository.ts";

const file = parseDockerfile(textOf("Dockerfile"));
const [build, runtime] = file.stages as [Stage, Stage];
const manifest = JSON.parse(textOf("package.json"));
const all = file.stages.flatMap((stage) => stage.instructions);

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
  expect(only(runtime, "USER").at(-1)).toBe("65532:65532");
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
  const args = pairsOf(only(runtime, "ARG").join(" "));
  const labels = pairsOf(filled(only(runtime, "LABEL").join(" "), args));
  expect(labels).toEqual({
    "org.opencontainers.image.title": "Drawbridge",
    "org.opencontainers.image.description": expect.stringContaining("Cloud Run"),
    "org.opencontainers.image.licenses": manifest.license,
    "org.opencontainers.image.version": manifest.version,
    "org.opencontainers.image.revision": "unknown",
  });
});
