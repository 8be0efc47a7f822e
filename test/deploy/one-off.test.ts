// The one-off commands as the page on deploying runs them: by the reaper's job, or by Docker.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config.ts";
import { storeLocation } from "../../src/config-store.ts";
import { ROOT, textOf } from "./repository.ts";
import { WorkerPool } from "./worker-pool-schema.ts";

const deploy = textOf("docs/deploy.md");
const runs = [...deploy.matchAll(/^gcloud run jobs execute (.*)$/gm)].map(([, flags = ""]) => flags);
/** What a file of the image was made from. */
const sourceOf = (file: string) => file.replace(/^dist\/(.*)\.js$/, "src/commands/$1.ts");
const argsOf = (flags: string) => /--args=(\S+)/.exec(flags)?.[1]?.split(",") ?? [];

/** What Terraform gives the job: the bot's environment without Slack's tokens, and where Cloud Run says that it runs. */
function environment(): Record<string, string> {
  const pool = WorkerPool.parse(parse(textOf("deploy/bot.worker-pool.yaml")));
  const env = pool.spec.template.spec.containers[0]?.env ?? [];
  const given = env.flatMap((each) => ("value" in each ? [[each.name, each.value]] : []));
  return {
    ...Object.fromEntries(given.filter(([name]) => !name?.startsWith("SLACK_") && name !== "HEALTH_PORT")),
    CLOUD_SQL_INSTANCE: "acme-internal:asia-northeast1:drawbridge",
    CLOUDFLARE_API_TOKEN: "token",
    CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
    CLOUD_RUN_JOB: "drawbridge-reaper",
  };
}

test("the job runs each command that needs the store, by the image's own entrypoint and with options that there are", () => {
  expect(textOf("Dockerfile")).toContain('ENTRYPOINT ["/usr/local/bin/node"]');
  const named = new Set(runs.map((flags) => argsOf(flags)[0]));
  expect([...named].sort()).toEqual(["dist/adopt.js", "dist/audit.js", "dist/doctor.js"]);
  for (const flags of runs) {
    const [command = "", ...options] = argsOf(flags);
    expect(flags).toMatch(/^drawbridge-reaper --region=REGION --wait /);
    for (const option of options.filter((each) => each.startsWith("--")))
      expect(textOf(sourceOf(command))).toMatch(
        new RegExp(`^ +"?${option.slice(2)}"?: \\{|\\{ ${option.slice(2)}: \\{`, "m"),
      );
  }
});

test("the job's environment is enough for the audit, and with what the page adds for the others", () => {
  expect(storeLocation(environment()).cloudSql?.user).toBe("drawbridge-bot@PROJECT_ID.iam");
  expect(() => loadConfig(environment())).toThrow(/SLACK_BOT_TOKEN is missing.*SLACK_APP_TOKEN is missing/s);
  const added = [
    ...deploy.matchAll(/(SLACK_\w+)=sm:\/\/projects\/PROJECT_ID\/secrets\/([a-z-]+)\/versions\/1/g),
  ];
  const tokens = Object.fromEntries(added.map(([, name, secret]) => [name, secret]));
  expect(tokens).toEqual({
    SLACK_BOT_TOKEN: "drawbridge-slack-bot-token",
    SLACK_APP_TOKEN: "drawbridge-slack-app-token",
  });
  const whole = { ...environment(), SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
  expect(loadConfig(whole).store.cloudSql?.address).toBe("public");
  for (const flags of runs)
    expect(flags.includes("--update-env-vars"), flags).toBe(!flags.includes("audit.js"));
});

test("Docker is given a policy where the image looks for it, and variables that the page explains", () => {
  const lines = [...deploy.matchAll(/^docker run (?:.*\\\n)*.*$/gm)].map(([line]) => line);
  for (const line of lines) {
    const command = sourceOf(/dist\/\w+\.js/.exec(line)?.[0] ?? "");
    expect(existsSync(join(ROOT, command)), line).toBe(true);
    if (!textOf(command).includes("loadPolicy")) continue;
    expect(line).toContain(":/etc/drawbridge/drawbridge.yaml:ro");
    const file = /--env-file (\S+)/.exec(line)?.[1];
    expect(deploy).toContain(`\`${file}\` has`);
  }
  expect(textOf("Dockerfile")).toContain("POLICY_FILE=/etc/drawbridge/drawbridge.yaml");
});
