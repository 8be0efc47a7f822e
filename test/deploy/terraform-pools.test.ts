// The Terraform module's pools and its reaper, held against the worker pools' YAML.
import { expect, test } from "vitest";
import { parse } from "yaml";
import { attribute, blocks, inFile, text } from "./module.ts";
import { textOf } from "./repository.ts";
import { WorkerPool } from "./worker-pool-schema.ts";

function poolOf(file: string) {
  return WorkerPool.parse(parse(textOf(file)));
}

const POOLS = [
  { file: "bot.tf", yaml: "deploy/bot.worker-pool.yaml", instances: "bot_instances" },
  { file: "cloudflared.tf", yaml: "deploy/cloudflared.worker-pool.yaml", instances: "cloudflared_instances" },
];

test.each(POOLS)("$file has the probes, the size and the count of $yaml", ({ file, yaml, instances }) => {
  const pool = poolOf(yaml);
  const found = inFile(file);
  const [container] = pool.spec.template.spec.containers;
  for (const [kind, probe] of [
    ["startup_probe", container!.startupProbe],
    ["liveness_probe", container!.livenessProbe],
  ] as const) {
    const block = found.find(({ type }) => type === kind)!;
    const numbers = Object.fromEntries(
      Object.entries(block.attributes).map(([name, value]) => [name, Number(value)]),
    );
    expect({ initial_delay_seconds: 0, ...numbers }).toEqual({
      initial_delay_seconds: probe.initialDelaySeconds,
      timeout_seconds: probe.timeoutSeconds,
      period_seconds: probe.periodSeconds,
      failure_threshold: probe.failureThreshold,
    });
    expect(attribute(found, `${block.path}.http_get`, "path")).toBe(probe.httpGet.path);
    expect(attribute(found, `${block.path}.http_get`, "port")).toBe(`${probe.httpGet.port}`);
  }
  const limits = textOf(`deploy/terraform/${file}`).match(/(?:cpu|memory)\s+= "([^"]+)"/g);
  const { cpu, memory } = container!.resources.limits;
  expect(limits).toEqual([`cpu    = "${cpu}"`, `memory = "${memory}"`]);
  const count = blocks.find((block) => block.path === "variable" && block.labels[0] === instances)!;
  expect(count.attributes.default).toBe(pool.metadata.annotations["run.googleapis.com/manualInstanceCount"]);
});

test.each(POOLS)("$file sets the environment of $yaml", ({ file, yaml }) => {
  const wanted = poolOf(yaml).spec.template.spec.containers[0]!.env.map(({ name }) => name);
  const source = textOf(`deploy/terraform/${file}`);
  const set = [...source.matchAll(/^\s+(?:name\s+= ")?([A-Z][A-Z0-9_]{3,})\b/gm)].map(
    (match) => match[1] ?? "",
  );
  // The module also takes a Postgres of one's own, and a service token for visits.
  const other = file === "bot.tf" ? ["DATABASE_URL", "VISIT_CLIENT_ID", "VISIT_CLIENT_SECRET"] : [];
  expect([...new Set(set)].sort()).toEqual([...wanted, ...other].sort());
});

test("every token of the bot is a reference that it can read, of a version that is set", () => {
  const values = [...textOf("deploy/terraform/bot.tf").matchAll(/^\s+([A-Z_]+)\s+= "(sm:.*)"$/gm)];
  expect(values.map(([, name]) => name)).toEqual([
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "CLOUDFLARE_API_TOKEN",
    "VISIT_CLIENT_SECRET",
  ]);
  for (const [, name = "", value = ""] of values) {
    const [, secret = "", version = ""] =
      /^sm:\/\/\$\{google_secret_manager_secret\.this\["([a-z-]+)"\]\.id\}\/versions\/\$\{var\.secret_versions\.(\w+)\}$/.exec(
        value,
      ) ?? [];
    expect([secret.replaceAll("-", "_"), version]).toEqual([name.toLowerCase(), name.toLowerCase()]);
    expect(textOf("deploy/terraform/variables.tf")).toMatch(new RegExp(`^ +${version} += optional`, "m"));
  }
});

test("the reaper runs its command, ends before Cloud Run ends it, and is started by an identity of its own", () => {
  const reaper = textOf("deploy/terraform/reaper.tf");
  expect(reaper).toContain('args  = ["dist/reap.js"]');
  const timeout = Number(/timeout\s+= "(\d+)s"/.exec(reaper)?.[1]);
  const patience = Number(
    /patience: \{ type: "string", default: "(\d+)" \}/.exec(textOf("src/commands/reap.ts"))?.[1],
  );
  expect(timeout).toBeGreaterThan(patience + 60);
  expect(reaper).toContain('!startswith(name, "SLACK_")');
  expect(attribute(inFile("reaper.tf"), "resource", "deletion_protection")).toBe("false");
  expect(
    attribute(inFile("reaper.tf"), "resource.http_target.oauth_token", "service_account_email"),
  ).toContain("google_service_account.scheduler");
});

test("only the connectors are in the VPC, from which internal services can be reached", () => {
  const inVpc = (file: string) => inFile(file).some(({ type }) => type === "vpc_access");
  const annotated = (yaml: string) => Object.keys(poolOf(yaml).spec.template.metadata.annotations).length > 0;
  for (const { file, yaml } of POOLS)
    expect([inVpc(file), annotated(yaml)], file).toEqual(
      file === "cloudflared.tf" ? [true, true] : [false, false],
    );
  expect(inVpc("reaper.tf")).toBe(false);
  for (const page of ["docs/deploy.md", "docs/security.md", "docs/configuration.md"])
    expect(textOf(page), page).toMatch(/pool is\s+in no VPC/);
});

test("the connectors' settings are those of the YAML, to the letter", () => {
  const { env } = poolOf("deploy/cloudflared.worker-pool.yaml").spec.template.spec.containers[0]!;
  const source = textOf("deploy/terraform/cloudflared.tf");
  for (const each of env) {
    if ("value" in each) expect(source).toMatch(new RegExp(`${each.name}\\s+= "${each.value}"`));
  }
  expect(source).toContain('egress = "PRIVATE_RANGES_ONLY"');
  const image = poolOf("deploy/cloudflared.worker-pool.yaml").spec.template.spec.containers[0]!.image;
  expect(text).toContain(`default     = "${image}"`);
});
