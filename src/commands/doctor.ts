// `npm run doctor`: checks everything that Drawbridge stands on and prints each finding with evidence and remedy.
import { openClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import type { Environment } from "../config-values.ts";
import { examine } from "../doctor.ts";
import { type Finding, worst } from "../domain/finding.ts";
import { createLogger } from "../log.ts";
import { loadPolicy } from "../policy-file.ts";
import { feelPulse } from "../store/pulse.ts";
import { inTime } from "../time-limit.ts";
import { createVendors, type Vendors } from "../vendors.ts";
import { doctorText } from "../views/doctor-text.ts";
import { readOptions, runCommand } from "./command.ts";

const HELP = `npm run doctor [-- --json]

Checks Slack, the Cloudflare token, tunnels and their connectors, the worker pool of cloudflared, exposed services, the
private DNS of run.app, a service's own answer, the database and the clock. It needs the bot's configuration, and writes
nothing but the tag "drawbridge" in Access, as each start does. Private DNS and the way to a service are seen only from
inside the connectors' VPC; elsewhere they are told as not seen.
  --json   print an array of {check, subject, outcome, evidence, remedy}

Exit code: 0 when nothing failed, 1 when something did or the configuration is wrong.`;

const TEAM_MS = 8_000;

await runCommand(async (environment) => {
  const values = readOptions({ json: { type: "boolean" }, help: { type: "boolean", short: "h" } });
  if (values.help) return console.log(HELP);
  const findings = await check(await environment());
  console.log(values.json ? JSON.stringify(findings, null, 2) : doctorText(findings));
  if (worst(findings) === "fail") process.exitCode = 1;
});

async function check(env: Environment): Promise<Finding[]> {
  const config = loadConfig(env);
  const policy = await loadPolicy(config.policyFile);
  const log = createLogger({ level: "error", secrets: config.secrets, destination: process.stderr });
  const clock = await openClock(config.clockUrl, log);
  let team = "";
  const vendors = createVendors({ config, policy, team: () => team, clock, log });
  try {
    // By it a visit knows our log-in. The doctor tells by itself why it could not be had.
    if (config.visitToken) team = await teamOf(vendors);
    const store = () => feelPulse(config.store);
    return await examine({ config, policy, vendors, store, now: clock.now, log });
  } finally {
    clock.close();
    await vendors.close();
  }
}

async function teamOf({ access }: Vendors): Promise<string> {
  const asked = access.organization().then(
    ({ team }) => team,
    () => "",
  );
  return await inTime(asked, TEAM_MS, () => "");
}
