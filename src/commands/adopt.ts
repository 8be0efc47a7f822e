// `npm run adopt -- --owner U0123`: rebuilds the exposures of a lost store from the marks that stand at Cloudflare.
import type { Logger } from "pino";
import { type Clock, openClock } from "../clock.ts";
import { type Config, loadConfig } from "../config.ts";
import { type Adopted, readBack } from "../domain/adoption.ts";
import type { Person } from "../domain/exposure.ts";
import { eachTunnel, type Policy } from "../domain/policy.ts";
import { exposuresBy } from "../exposure-store.ts";
import { createQueue } from "../jobs/queue.ts";
import { createLogger } from "../log.ts";
import { loadPolicy } from "../policy-file.ts";
import { createPeople } from "../services/people.ts";
import { openDatabase } from "../store/database.ts";
import { createVendors, type Vendors } from "../vendors.ts";
import { adoptedLine, gapDetail, unreadLine } from "../views/adoption-text.ts";
import { readOptions, runCommand } from "./command.ts";

const HELP = `npm run adopt -- --owner U0123 [--plan]

For a store that was lost: reads what carries Drawbridge's mark at Cloudflare and puts it into the store again. What is
whole goes on to its end; what is past its end, or not whole, is closed; what is on none of the policy's tunnels is named
and left as it is. Exposures that the store knows stay as they are, so it may be run again. The bot then does the rest: it
may run meanwhile, or be started afterwards.
  --owner   the Slack user who counts as the requester of all of them from now on, and is told of each
  --plan    only say what would be done

Exit code: 0 when everything was read, 1 when something was not.`;

await runCommand(async (environment) => {
  const values = readOptions({
    owner: { type: "string" },
    plan: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return console.log(HELP);
  if (!values.owner) throw new RangeError("Say who owns what is read back: --owner and a Slack user id.");
  const config = loadConfig(await environment());
  const policy = await loadPolicy(config.policyFile);
  const log = createLogger({ level: "warn", secrets: config.secrets, destination: process.stderr });
  const clock = await openClock(config.clockUrl, log);
  const vendors = createVendors({ config, policy, team: () => "", clock, log });
  try {
    const owner = await ownerOf(vendors, policy, values.owner);
    const { adopted, unread } = readBack(await look(vendors, policy), { policy, owner, now: clock.now() });
    if (values.plan) for (const each of adopted) console.log(adoptedLine(each));
    else await store(adopted, { config, policy, clock, log });
    for (const each of unread) console.log(unreadLine(each));
    if (adopted.length + unread.length === 0) console.log("Nothing at Cloudflare carries Drawbridge's mark.");
    if (unread.length > 0) process.exitCode = 1;
  } finally {
    clock.close();
    await vendors.close();
  }
});

async function ownerOf(vendors: Vendors, policy: Policy, slackId: string): Promise<Person> {
  const people = createPeople({ slack: vendors.slack, allowedEmailDomains: policy.peopleDomains });
  const judged = await people.judge(slackId);
  if (judged.ok) return judged.person;
  throw new RangeError(
    `--owner ${slackId} is no full member with an email that the policy allows (${judged.because}).`,
  );
}

async function look({ edge, cloudRun }: Vendors, policy: Policy) {
  const zones = policy.tunnels.flatMap((each) => each.zones);
  const [services, ...tunnels] = await Promise.all([
    cloudRun.listServices(),
    ...eachTunnel(policy).map(({ id }) => edge.observe(id, zones, [], [])),
  ]);
  return { services, tunnels };
}

type Parts = { config: Config; policy: Policy; clock: Clock; log: Logger };

async function store(adopted: Adopted[], { config, policy, clock, log }: Parts): Promise<void> {
  const database = await openDatabase(config.store);
  const queue = createQueue({ ...database, log });
  await queue.start();
  try {
    const exposures = exposuresBy(policy, database, queue);
    for (const { exposure, gap } of adopted) {
      const { closing } = exposure;
      const draft =
        closing && gap ? { ...exposure, closing: { ...closing, detail: gapDetail(gap) } } : exposure;
      const act = { actor: "adopt", action: "adopt", at: clock.now(), details: { gap } };
      const outcome = await exposures.adopt(draft, act);
      if (outcome === "adopted") console.log(adoptedLine({ exposure, gap }));
      if (outcome === "known") console.log(`${exposure.hostname} is in the store already.`);
      if (outcome === "taken") {
        console.log(`Not read: ${exposure.hostname}: another exposure of the store lives there.`);
        process.exitCode = 1;
      }
    }
  } finally {
    await queue.stop(1_000);
    await database.close();
  }
}
