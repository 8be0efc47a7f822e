// What the pages say of who could become the bot and of stolen secrets, held against the module and the commands.
import { expect, test } from "vitest";
import { parse } from "yaml";
import { attribute, inFile } from "./module.ts";
import { filesBelow, textOf } from "./repository.ts";

/** All that tells people what to type. */
const TOLD = [
  ...["README.md", "SECURITY.md", "CONTRIBUTING.md", "sandbox/README.md", "deploy/terraform/README.md"],
  ...filesBelow("docs", ".md"),
  ...filesBelow("src/views", ".ts"),
  ...filesBelow("src/commands", ".ts"),
];
const deploy = textOf("docs/deploy.md");
const security = textOf("docs/security.md");

/** What stands below a heading, to the next of its rank or above. */
function below(page: string, heading: string): string {
  const [, rest] = page.split(`\n${heading}\n`);
  if (rest === undefined) throw new Error(`no ${heading}`);
  const rank = heading.indexOf(" ");
  return rest.split(new RegExp(`\n#{1,${rank}} `))[0] ?? "";
}

test("that running jobs with overrides is as good as being the bot is said where it matters, with what to do", () => {
  expect(attribute(inFile("reaper.tf"), "resource.template.template", "service_account")).toBe(
    "google_service_account.bot.email",
  );
  expect(textOf("Dockerfile")).toContain('ENTRYPOINT ["/usr/local/bin/node"]');
  const permission = "run.jobs.runWithOverrides";
  expect(below(security, "## Not defended")).toContain(permission);
  expect(below(security, "## Not defended")).toContain("(deploy.md#which-project)");
  const choice = below(deploy, "## Which project");
  for (const word of [permission, "run.developer", "iam.serviceAccounts.actAs", "roles/iam.denyAdmin"])
    expect(choice).toContain(word);
  const chosen = /### 3\. .*?(?=\n### 4\.)/s.exec(deploy)?.[0];
  for (const place of [deploy.split("\n## ")[0], chosen, below(deploy, "## One-off commands")])
    expect(place).toContain("(#which-project)");
});

test("the deny policy takes that permission alone, from all but the operators", () => {
  const file = /cat > deny\.yaml <<'END'\n(.*?)\nEND\n/s.exec(below(deploy, "## Which project"))?.[1] ?? "";
  const policy = parse(file);
  expect(policy.rules).toEqual([
    {
      denyRule: {
        deniedPermissions: ["run.googleapis.com/jobs.runWithOverrides"],
        deniedPrincipals: ["principalSet://goog/public:all"],
        exceptionPrincipals: ["principalSet://goog/group/OPERATORS@acme.example"],
      },
    },
  ]);
});

test("the rights of Cloudflare's token are told with the tunnels' tokens, and its theft ends with those rotated", () => {
  const row = (start: string) => security.split("\n").find((line) => line.startsWith(`| ${start} |`)) ?? "";
  expect(textOf("src/services/tunnel-admin.ts")).toContain("api.token.get");
  expect(row("Cloudflare").split(" | ")[1]).toMatch(/tunnel's token/);
  expect(row("Google")).not.toMatch(/read the tunnel's token/);
  const [, gives, remedy = ""] = row("`CLOUDFLARE_API_TOKEN`").split(" | ");
  expect(gives).toMatch(/token of every tunnel of the account/);
  expect(remedy.indexOf("roll the token")).toBeGreaterThanOrEqual(0);
  expect(remedy.indexOf("npm run rotate-token")).toBeGreaterThan(remedy.indexOf("roll the token"));
  const options = textOf("src/commands/provision-options.ts");
  const lines = security.match(/npm run rotate-token [^`#\n]*/g) ?? [];
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    expect(line).toContain("--drop-others");
    for (const [, option = ""] of line.matchAll(/ --([a-z-]+)/g))
      expect(options).toMatch(new RegExp(`^ {2}"?${option}"?: \\{ type`, "m"));
  }
});

test.each(TOLD)("%s puts no secret where the list of processes or the shell's history shows it", (file) => {
  const text = textOf(file);
  for (const [, before = ""] of text.matchAll(/^(.*)Bearer \$/gm))
    expect(before).toMatch(/<<< "Authorization: $/);
  expect(text).not.toMatch(/(?:TOKEN|SECRET|PASSWORD|DATABASE_URL)=(?:…|'|"(?!\$))/);
  expect(text).not.toMatch(/(?:printf|echo)[^|\n]*['"](?:xox|xapp|…)[^|\n]*\|/);
});

test("what is typed at a prompt is the last that its lines want of people, so that pasting them fills in nothing else", () => {
  const blocks = [...deploy.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block.trimEnd());
  const asking = blocks.filter((block) => /read -rs/.test(block));
  expect(asking).toHaveLength(3);
  for (const block of asking)
    expect(block.split("\n").at(-1)).toMatch(/^read -rsp |; do ask "\$name"; done$/);
});
