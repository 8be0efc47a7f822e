// The pages on deploying and on security, and the workflow: what they name is there.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { DEFAULT_LIMITS } from "../../src/domain/incident.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { leftToDo } from "../../src/views/provisioning-text.ts";
import { filesBelow, ROOT, textOf } from "./repository.ts";

const PAGES = ["docs/deploy.md", "docs/security.md", "SECURITY.md", "deploy/terraform/README.md"];
const EVERY_PAGE = [
  ...[
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "sandbox/README.md",
    "deploy/terraform/README.md",
  ],
  ...filesBelow("docs", ".md"),
];
const deploy = textOf("docs/deploy.md");
const manifest = JSON.parse(textOf("package.json"));

test.each(EVERY_PAGE)("every link of %s leads to a file, and a heading, that is there", (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? "");
  for (const link of links.filter((each) => !each.startsWith("https://"))) {
    const [path = "", heading] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, target)), link).toBe(true);
    if (heading) expect(anchorsOf(target), link).toContain(heading);
  }
});

function anchorsOf(page: string): string[] {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("the policy to begin with is one that the bot takes, and keeps to the defaults of the alerts", () => {
  const policy = parsePolicy(textOf("deploy/drawbridge.example.yaml"));
  expect(policy.rules).toHaveLength(2);
  expect(policy.health.limits).toEqual(DEFAULT_LIMITS);
  expect(deploy).toContain("(../deploy/drawbridge.example.yaml)");
});

test.each(PAGES)("every file and npm script that %s names is there", (page) => {
  const text = textOf(page);
  for (const [path] of text.matchAll(/\b(?:src|test|sandbox)\/[\w./-]+\.(?:ts|yaml)\b/g))
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  for (const [, script = ""] of text.matchAll(/npm run ([a-z:-]+)/g))
    expect(manifest.scripts).toHaveProperty(script);
});

test.each(PAGES)("every word of /expose that %s names is one that the bot knows", (page) => {
  const known = [...textOf("src/handlers/command.ts").matchAll(/case "([a-z-]+)":/g)].map(
    (match) => match[1],
  );
  const named = [...textOf(page).matchAll(/\/expose ([a-z][a-z-]+)/g)].map((match) => match[1]);
  for (const word of named) expect(known).toContain(word);
});

test("every variable that they name is one that the bot or cloudflared reads", () => {
  const config = `${textOf("src/config.ts")}\n${textOf("src/config-store.ts")}`;
  const connector = textOf("deploy/cloudflared.worker-pool.yaml");
  const ours =
    PAGES.map(textOf)
      .join("\n")
      .match(/`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`/g) ?? [];
  const names = [...new Set(ours.map((each) => each.slice(1).split(/[=`]/)[0] ?? ""))];
  expect(names).toContain("CLOUDFLARE_API_TOKEN");
  for (const name of names) expect(`${config}\n${connector}`, name).toContain(name);
});

test("set-up leaves to people each secret that the bot needs, the database and the bot itself, by names that exist", () => {
  const left = leftToDo("t", {
    tunnel: "t",
    secret: "s",
    pool: "p",
    project: "acme",
    region: "asia-northeast1",
  });
  const asked = /for name in ([a-z -]+); do ask "\$name"; done/.exec(left)?.[1]?.split(" ") ?? [];
  const added = [...left.matchAll(/\badd ([a-z-]+)/g)]
    .map((match) => match[1] ?? "")
    .filter((name) => name !== "iam-policy-binding")
    .concat(asked);
  const [, list = ""] = /bot_secrets\s+= \[([^\]]*)\]/.exec(textOf("deploy/terraform/secrets.tf")) ?? [];
  const wanted = (list.match(/[a-z-]+/g) ?? []).filter((name) => name !== "visit-client-secret");
  expect(added.sort()).toEqual(wanted.sort());
  expect(left).toContain("gcloud secrets create");
  for (const [path] of left.matchAll(/\b(?:docs|deploy)\/[\w.-]+\.(?:md|yaml|json)/g))
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  for (const [, heading] of left.matchAll(/docs\/deploy\.md, "([^"]+)"/g))
    expect(deploy).toContain(`## ${heading}`);
  expect(left).toMatch(/Cloud SQL/);
});

test("every input of the module that the pages name is one", () => {
  const inputs = textOf("deploy/terraform/variables.tf");
  for (const name of ["bot_image", "bot_instances", "secret_versions", "cloudflared_image"]) {
    expect(deploy).toContain(`\`${name}`);
    expect(inputs).toContain(`variable "${name}"`);
  }
});

test("what Terraform itself goes through is enabled before its first apply, in the project that later steps mean", () => {
  const before = deploy.slice(0, deploy.indexOf("terraform apply"));
  expect(before).toContain("gcloud config set project PROJECT_ID");
  expect(before).toMatch(
    /gcloud services enable cloudresourcemanager\.googleapis\.com serviceusage\.googleapis\.com/,
  );
});

test("each step of the way says how long it takes, and they add up to what is promised", () => {
  const steps = [...deploy.matchAll(/^### (\d+)\. .*?(?:\((\d+) min[^)]*\))?$/gm)];
  expect(steps.map(([, number]) => Number(number))).toEqual(steps.map((_, index) => index + 1));
  const minutes = steps.map(([, , time]) => Number(time));
  expect(minutes.every((time) => time > 0)).toBe(true);
  const total = minutes.reduce((sum, time) => sum + time, 0);
  expect(deploy).toContain("about an hour and a half");
  expect(total).toBe(90);
});

test("the cost adds up", () => {
  const amounts = [...deploy.matchAll(/^\| (bot|cloudflared|Cloud SQL) \|[^|]*\| (\d+) \|$/gm)].map((match) =>
    Number(match[2]),
  );
  expect(amounts).toHaveLength(3);
  const together = Number(/\*\*about (\d+)\*\*/.exec(deploy)?.[1]);
  expect(Math.abs(together - amounts.reduce((sum, each) => sum + each, 0))).toBeLessThanOrEqual(3);
});

test("the pages pin the bases that the Dockerfile pins", () => {
  for (const [, image = ""] of textOf("Dockerfile").matchAll(/^ARG \w+_IMAGE=(\S+)$/gm))
    expect(deploy).toContain(image);
});

test("what a token of Cloudflare's needs is said where people make it", () => {
  const calls = filesBelow("src/services", ".ts").map(textOf).join("\n");
  expect(calls).toContain("accessRequests");
  for (const permission of [
    "Cloudflare Tunnel: Edit",
    "Access: Apps and Policies: Edit",
    "DNS: Edit",
    "Access: Audit Logs: Read",
  ])
    expect(deploy).toContain(permission);
});

test("the workflow runs what contributors run and builds the image, with no right to write and no action that moves", () => {
  const workflow = parse(textOf(".github/workflows/ci.yaml"));
  expect(workflow.permissions).toEqual({ contents: "read" });
  const steps = Object.values<{ steps: { uses?: string; run?: string }[] }>(workflow.jobs).flatMap(
    (job) => job.steps,
  );
  const runs = steps.flatMap((step) => step.run ?? []);
  expect(runs).toContain("bash .ci/run");
  expect(runs.join("\n")).toMatch(/docker build .*\.$/m);
  for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
  expect(textOf(".github/workflows/ci.yaml")).toContain(`node-version: ${manifest.devDependencies.node}`);
});
