// "Without Terraform": what the page has people make by hand is what the module makes.
import { expect, test } from "vitest";
import { parse } from "yaml";
import { blocks, inFile, permissionsOf, text } from "./module.ts";
import { textOf } from "./repository.ts";
import { WorkerPool } from "./worker-pool-schema.ts";

const page = textOf("docs/deploy.md").split("## Without Terraform")[1]?.split("\n## ")[0] ?? "";
/** The commands, each on one line. */
const commands = page.replaceAll(/\\\n\s*/g, "");

/** A command of gcloud's for each kind of thing; the tunnel and the connectors' pool are what `npm run setup` makes. */
const MADE_BY: Record<string, string> = {
  cloudflare_zero_trust_tunnel_cloudflared: "`setup`",
  google_artifact_registry_repository: "gcloud artifacts repositories create",
  google_cloud_run_v2_job: "gcloud run jobs create",
  google_cloud_run_v2_job_iam_member: "gcloud run jobs add-iam-policy-binding",
  google_cloud_run_v2_worker_pool: "gcloud run worker-pools replace",
  google_cloud_scheduler_job: "gcloud scheduler jobs create",
  google_compute_network: "gcloud compute networks create",
  google_compute_subnetwork: "gcloud compute networks subnets create",
  google_dns_managed_zone: "gcloud dns managed-zones create",
  google_dns_record_set: "gcloud dns record-sets create",
  google_logging_log_view: "gcloud logging views create",
  google_logging_log_view_iam_member: "gcloud logging views add-iam-policy-binding",
  google_project_iam_custom_role: "gcloud iam roles create",
  google_project_iam_member: "gcloud projects add-iam-policy-binding",
  google_project_service: "gcloud services enable",
  google_secret_manager_secret: "gcloud secrets create",
  google_secret_manager_secret_iam_member: "gcloud secrets add-iam-policy-binding",
  google_service_account: "gcloud iam service-accounts create",
  google_sql_database: "gcloud sql databases create",
  google_sql_database_instance: "gcloud sql instances create",
  google_sql_user: "gcloud sql users create",
};

test("each kind of thing that the module makes is made", () => {
  const kinds = new Set(
    blocks.filter(({ path }) => path === "resource").map(({ labels }) => labels[0] ?? ""),
  );
  expect(Object.keys(MADE_BY).sort()).toEqual([...kinds].sort());
  for (const command of Object.values(MADE_BY)) expect(page).toContain(command);
});

test("with the same APIs, roles, permissions and secrets", () => {
  const quoted = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map((match) => match[1]));
  const named = (pattern: RegExp) => new Set([...commands.matchAll(pattern)].map((match) => match[0]));
  expect(named(/\b[a-z]+\.googleapis\.com(?= |\n)/g)).toEqual(quoted(/"([a-z]+\.googleapis\.com)"/g));
  expect(named(/\broles\/[a-z]+\.\w+/g)).toEqual(quoted(/"(roles\/[\w.]+)"/g));
  const readers = [...commands.matchAll(/roles create drawbridge_(\w+) .*--permissions=(\S+)/g)];
  expect(readers.map(([, role]) => role)).toEqual(["service_reader", "connector_reader"]);
  for (const [, role = "", given = ""] of readers)
    expect(given.split(",").sort()).toEqual(permissionsOf(role));
  expect(page).toContain(
    `for role in service connector; do may projects/$P/roles/drawbridge_\${role}_reader; done`,
  );
  const secrets = /bot_secrets\s+= \[([^\]]*)\]/.exec(text)?.[1]?.match(/[a-z-]+/g) ?? [];
  const made = /for name in ((?:[a-z-]+ ?)+policy);/.exec(page)?.[1]?.split(" ") ?? [];
  expect(made.sort()).toEqual(secrets.filter((name) => name !== "visit-client-secret").sort());
  for (const account of ["bot", "cloudflared", "scheduler"])
    expect(text).toContain(`account_id   = "\${var.name}-${account}"`);
  expect(page).toContain("for name in bot cloudflared scheduler;");
});

test("with the module's database, which lets the bot in by IAM, and into this one instance only", () => {
  const variable = blocks.find(({ labels, path }) => path === "variable" && labels[0] === "database");
  const attributes: Record<string, string> = variable?.attributes ?? {};
  const flags = { tier: "tier", version: "database-version" };
  for (const [name, flag] of Object.entries(flags)) {
    const value = /"([^"]+)"\)$/.exec(attributes[name]?.replace(/,$/, "") ?? "")?.[1];
    expect(page).toContain(`--${flag}=${value} `);
  }
  expect(page).toContain("--database-flags=cloudsql.iam_authentication=on --connector-enforcement=REQUIRED");
  const condition =
    inFile("database.tf").find(({ type }) => type === "condition")?.attributes.expression ?? "";
  const wanted = condition
    .replace(/^"|"$/g, "")
    .replace(/\$\{var\.project\}/, "$P")
    .replace(/\$\{[^}]*\}/, "drawbridge");
  expect(page).toContain(`only="expression=${wanted}"`);
});

test("with the network that the connectors' manifest names, and the module's range and addresses", () => {
  const ranges = [...page.matchAll(/--range=(\S+)/g)].map((match) => match[1]);
  const range = blocks.find(({ labels, path }) => path === "variable" && labels[0] === "subnet_range");
  expect(ranges.map((each) => `"${each}"`)).toEqual([range?.attributes.default]);
  expect(page).toContain("--rrdatas=199.36.153.8,199.36.153.9,199.36.153.10,199.36.153.11");
  expect(page).toContain("--enable-private-ip-google-access");
});

test("with a reaper of the module's schedule, time and environment", () => {
  const pool = WorkerPool.parse(parse(textOf("deploy/bot.worker-pool.yaml")));
  const names = (pool.spec.template.spec.containers[0]?.env ?? []).map(({ name }) => name);
  const job = commands.split("\n").find((line) => line.startsWith("gcloud run jobs create")) ?? "";
  const given =
    /--set-env-vars=(\S+)/
      .exec(job)?.[1]
      ?.split(",")
      .map((each) => each.split("=")[0]) ?? [];
  // The image says where the policy is.
  const wanted = names.filter(
    (name) => !name.startsWith("SLACK_") && !["HEALTH_PORT", "POLICY_FILE"].includes(name),
  );
  expect(given.sort()).toEqual(wanted.sort());
  const reaper = textOf("deploy/terraform/reaper.tf");
  expect(job).toContain(`--args=${/args\s+= \["([^"]+)"\]/.exec(reaper)?.[1]} `);
  expect(job).toContain(`--task-timeout=${/timeout\s+= "([^"]+)"/.exec(reaper)?.[1]} --max-retries=0`);
  const schedule = blocks.find(({ labels, path }) => path === "variable" && labels[0] === "reaper_schedule");
  expect(page).toContain(`--schedule='${schedule?.attributes.default?.replaceAll('"', "")}'`);
});
