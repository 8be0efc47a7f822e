// The Terraform module, held against what the bot's code calls and against its own README.
import { expect, test } from "vitest";
import { blocksOf, layoutProblems } from "./hcl.ts";
import { attribute, blocks, files, inFile, module, permissionsOf, text } from "./module.ts";
import { filesBelow, textOf } from "./repository.ts";

const readme = textOf("deploy/terraform/README.md");

function named(type: string): string[] {
  return blocks.filter((block) => block.path === type).map((block) => block.labels[0] ?? "");
}

function namedIn(page: string): string[] {
  return [...page.matchAll(/module\.drawbridge\.(\w+\.\w+)/g)].map((match) => match[1] ?? "");
}

test("the layout check sees what terraform fmt would change", () => {
  expect(layoutProblems('a {\n  b  = 1\n  cd = "{"\n}\n')).toEqual([]);
  expect(layoutProblems("a {\n  b = 1\n  cd = 2\n}\n")).toEqual(["line 2: = is not in its column"]);
  expect(layoutProblems("a {\n   b = 1\n}\n")).toEqual(["line 2: not indented by 2"]);
});

test.each(files)("%s is laid out as terraform fmt lays it out", (file) => {
  expect(layoutProblems(textOf(file))).toEqual([]);
});

test("it makes what it is meant to make, and nothing that writes the tunnel's document or holds a secret's value", () => {
  const kinds = new Set(blocks.filter((block) => block.path === "resource").map((block) => block.labels[0]));
  expect([...kinds].sort()).toEqual([
    "cloudflare_zero_trust_tunnel_cloudflared",
    "google_artifact_registry_repository",
    "google_cloud_run_v2_job",
    "google_cloud_run_v2_job_iam_member",
    "google_cloud_run_v2_worker_pool",
    "google_cloud_scheduler_job",
    "google_compute_network",
    "google_compute_subnetwork",
    "google_dns_managed_zone",
    "google_dns_record_set",
    "google_logging_log_view",
    "google_logging_log_view_iam_member",
    "google_project_iam_custom_role",
    "google_project_iam_member",
    "google_project_service",
    "google_secret_manager_secret",
    "google_secret_manager_secret_iam_member",
    "google_service_account",
    "google_sql_database",
    "google_sql_database_instance",
    "google_sql_user",
  ]);
  expect(text).not.toMatch(/password\s*=|secret_data|tunnel_secret|api_token\s*=\s*"[^"$]/);
  expect(named("provider")).toEqual([]);
});

test.each([
  ["service_reader", "services"],
  ["connector_reader", "workerPools|revisions"],
])(
  "the bot's role %s holds what its calls to Cloud Run need, and nothing that changes one",
  (role, clients) => {
    const needs: Record<string, string> = {
      listServices: "run.services.list",
      getService: "run.services.get",
      getIamPolicy: "run.services.getIamPolicy",
      getWorkerPool: "run.workerpools.get",
      getRevision: "run.revisions.get",
    };
    // Set-up and rotation run as the person who deploys.
    const code = filesBelow("src", ".ts")
      .filter((file) => !file.endsWith("/worker-pool-writes.ts"))
      .map(textOf)
      .join("\n")
      .replace(/\s*\n\s*\./g, ".");
    const made = new RegExp(`clients\\.(?:${clients}),\\s*\\((\\w+), each\\) =>\\s*\\1\\.(\\w+)\\(`, "g");
    const calls = [...code.matchAll(made)].map((match) => match[2] ?? "");
    expect(calls.map((call) => needs[call] ?? `unknown: ${call}`).sort()).toEqual(permissionsOf(role));
  },
);

test("the bot reads services and worker pools in its own project, whatever else is named, and each where it is named", () => {
  const locals = inFile("main.tf").find(({ path }) => path === "locals");
  for (const [role, projects] of [
    ["service_reader", "service_projects"],
    ["connector_reader", "connector_projects"],
  ] as const) {
    expect(locals?.attributes[projects]).toBe(`setunion([var.project], var.${projects})`);
    const readers = inFile("identities.tf").filter(({ labels }) => labels[1] === role);
    expect(readers.map(({ attributes }) => attributes.for_each)).toEqual(Array(2).fill(`local.${projects}`));
    expect(readers[1]?.attributes).toMatchObject({
      role: `google_project_iam_custom_role.${role}[each.value].id`,
      member: "google_service_account.bot.member",
    });
  }
});

test("no broad role is given to anybody", () => {
  const roles = [...new Set([...text.matchAll(/"(roles\/[\w.]+)"/g)].map((match) => match[1]))];
  expect(roles.sort()).toEqual([
    "roles/cloudsql.client",
    "roles/cloudsql.instanceUser",
    "roles/logging.viewAccessor",
    "roles/run.invoker",
    "roles/secretmanager.secretAccessor",
  ]);
});

test("each pool reads its own secrets and not the other's", () => {
  const list = (name: string) =>
    (new RegExp(`${name}\\s*= \\[([^\\]]*)\\]`).exec(text)?.[1]?.match(/[a-z-]+/g) ?? []).sort();
  const read = (file: string) =>
    [...textOf(`deploy/terraform/${file}`).matchAll(/secret\.this\["([a-z-]+)"\]/g)].map((match) => match[1]);
  expect(list("bot_secrets")).toEqual([...new Set(read("bot.tf"))].sort());
  expect(list("cloudflared_secrets")).toEqual([...new Set(read("cloudflared.tf"))]);
});

test("run.app resolves to Private Google Access, at every depth, in a subnet that has it", () => {
  const network = inFile("network.tf");
  expect(attribute(network, "resource", "private_ip_google_access")).toBe("true");
  expect(attribute(network, "resource", "dns_name")).toBe("run.app.");
  expect(attribute(network, "resource", "visibility")).toBe("private");
  const records = network.filter((block) => block.labels[0] === "google_dns_record_set");
  expect(records.map(({ attributes }) => attributes.type)).toEqual(['"A"', '"CNAME"']);
  const addresses = [8, 9, 10, 11].map((last) => `"199.36.153.${last}"`).join(", ");
  expect(records[0]?.attributes.rrdatas).toBe(`[${addresses}]`);
});

test("every input and output is described, used and documented, and the README names no other", () => {
  const rows = (heading: string) =>
    [...(readme.split(`## ${heading}`)[1]?.split("\n## ")[0] ?? "").matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(
      (row) => [...(row[1] ?? "").matchAll(/`(\w+)`/g)].map((match) => match[1]),
    );
  expect(rows("Inputs").sort()).toEqual(named("variable").sort());
  expect(rows("Outputs").sort()).toEqual(named("output").sort());
  for (const { path, labels, attributes } of blocks)
    if (["variable", "output"].includes(path))
      expect(attributes.description, labels[0]).toMatch(/^".{10,}"$/);
  const code = module
    .filter((file) => !file.endsWith("variables.tf"))
    .map(textOf)
    .join("\n");
  for (const name of named("variable")) expect(code).toContain(`var.${name}`);
});

test("whatever is referred to is there", () => {
  const resources = blocks.filter(({ path }) => path === "resource").map(({ labels }) => labels.join("."));
  const bare = text.replace(/^\s*#.*$/gm, "");
  const referred = [...bare.matchAll(/\b((?:google|cloudflare)_[a-z0-9_]+\.[a-z_]+)\b/g)].map(
    (match) => match[1],
  );
  expect(referred.length).toBeGreaterThan(30);
  for (const each of referred) expect(resources).toContain(each);
  const locals = [...text.matchAll(/\blocal\.(\w+)/g)].map((match) => match[1]);
  for (const each of locals) expect(text).toMatch(new RegExp(`^  ${each}\\s+= `, "m"));
  const inputs = [...bare.matchAll(/\bvar\.(\w+)/g)].map((match) => match[1]);
  for (const each of inputs) expect(named("variable")).toContain(each);
});

test("an instance of another name, as a restored clone has, is followed by the bot, the reaper and the bot's roles", () => {
  const database = inFile("database.tf");
  expect(attribute(database, "resource", "name")).toBe("coalesce(var.database.instance, var.name)");
  expect(attribute(database, "resource.condition", "expression")).toMatch(
    /instances\/\$\{google_sql_database_instance\.this\[0\]\.name\}'/,
  );
  expect(textOf("deploy/terraform/bot.tf")).toMatch(
    /CLOUD_SQL_INSTANCE = google_sql_database_instance\.this\[0\]\.connection_name/,
  );
  expect(textOf("deploy/terraform/reaper.tf")).toContain("in local.bot_env :");
  const [, restore = ""] = textOf("docs/deploy.md").split("## Backup and restore");
  const moved = namedIn(restore);
  expect(new Set(moved).size).toBe(3);
  const known = blocks
    .filter(({ labels }) => labels[0]?.startsWith("google_sql_"))
    .map(({ labels }) => labels[0]);
  expect(new Set(moved.map((each) => each?.split(".")[0]))).toEqual(new Set(known));
});

test("what people are told to move or to untaint is there", () => {
  const made = blocks.filter(({ path }) => path === "resource").map(({ labels }) => labels.join("."));
  const told = namedIn(textOf("docs/deploy.md"));
  expect(told).toContain("google_cloud_run_v2_worker_pool.bot");
  for (const each of told) expect(made).toContain(each);
});

test("the store goes with its instance alone, and the tunnel after its connectors", () => {
  const policies = inFile("database.tf")
    .filter(({ path, labels }) => path === "resource" && labels[0]?.startsWith("google_sql_"))
    .map(({ labels, attributes }) => [
      labels[0],
      attributes.deletion_protection ?? attributes.deletion_policy,
    ]);
  expect(policies).toEqual([
    ["google_sql_database_instance", "var.deletion_protection"],
    ["google_sql_database", '"ABANDON"'],
    ["google_sql_user", '"ABANDON"'],
  ]);
  expect(textOf("deploy/terraform/cloudflared.tf")).toMatch(
    /depends_on = \[[^\]]*cloudflare_zero_trust_tunnel_cloudflared\.this,/,
  );
});

test("the example gives every input that has no default, and no input that is not there", () => {
  const example = blocksOf(textOf("deploy/terraform/example/main.tf"));
  const given = Object.keys(example.find((block) => block.path === "module")?.attributes ?? {});
  const required = blocks.filter(({ path, attributes }) => path === "variable" && !("default" in attributes));
  for (const { labels } of required) expect(given).toContain(labels[0]);
  for (const name of given.filter((each) => each !== "source")) expect(named("variable")).toContain(name);
});

test("the job that runs the commands is there without a schedule too", () => {
  const jobs = blocks.filter(({ labels }) => labels[1] === "reaper");
  const counts = jobs.map(({ labels, attributes }) => [labels[0], attributes.count]);
  expect(counts).toEqual([
    ["google_cloud_run_v2_job", "local.deploys ? 1 : 0"],
    ["google_cloud_scheduler_job", "local.reaps ? 1 : 0"],
  ]);
});

test("every service account's id fits, whatever name is allowed", () => {
  const pattern = /regex\("\^\[a-z\]\[a-z0-9-\]\{\d+,(\d+)\}\[a-z0-9\]\$", var\.name/.exec(text);
  const longest = Number(pattern?.[1]) + 2;
  const accounts = blocks.filter(({ labels }) => labels[0] === "google_service_account");
  const lengths = accounts.map(({ attributes }) => {
    return longest + (attributes.account_id ?? "").replace(/"|\$\{var\.name\}/g, "").length;
  });
  expect(lengths.length).toBeGreaterThan(2);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(30);
});
