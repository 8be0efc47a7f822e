// A world whose bot looks at its tunnels a few times a second and needs little time to be sure; what the alerts channel
// then shows.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import type { SlackMessage } from "../sandbox/contract.ts";
import { ALERTS, createWorld, textOf, type World, type WorldOptions } from "./world.ts";

const EXAMPLES = new Map<string, string>(
  (
    JSON.parse(readFileSync(new URL("./data/cloudflared-log-lines.json", import.meta.url), "utf8")) as {
      id: string;
      example: string;
    }[]
  ).map(({ id, example }) => [id, example]),
);
const POOL = { project: "lakeside-prod", region: "asia-northeast1", workerPool: "cloudflared" };

export type HealthTimes = Record<string, unknown>;

const QUICK = { outageAfter: "1s", degradedAfter: "2s", recoveredAfter: "1s", onCall: "S0LEADS" };

export async function createTunnelWorld(
  health: HealthTimes = {},
  options: WorldOptions = {},
): Promise<World> {
  const policy =
    options.policy ?? readFileSync(fileURLToPath(new URL("../sandbox/policy.yaml", import.meta.url)), "utf8");
  const whole = stringify({ ...(parse(policy) as object), health: { ...QUICK, ...health } });
  return await createWorld({ ...options, policy: whole, env: { LOOK_SECONDS: "0.3", ...options.env } });
}

/** The messages of incidents, the oldest first; replies apart. */
export function incidents(world: World): SlackMessage[] {
  return world.sandbox.slack
    .messages(ALERTS)
    .filter(
      (each) => !each.threadTs && (each.metadata as { event_type?: string })?.event_type === "incident",
    );
}

/** What was said in the thread of an incident; with `!` what the channel saw too. */
export function replies(world: World, incident: SlackMessage | undefined): string[] {
  return world.sandbox.slack
    .messages(ALERTS)
    .filter((each) => each.threadTs === incident?.ts && each.ts !== incident?.ts)
    .map((each) => `${each.broadcast ? "! " : ""}${each.text}`);
}

export async function untilIncident(world: World, words: string): Promise<SlackMessage> {
  return await world
    .until(
      `an incident says "${words}"`,
      () => incidents(world).findLast((each) => textOf(each).includes(words)),
      30,
    )
    .catch((error: Error) => {
      throw new Error(`${error.message}\n${incidents(world).map(textOf).join("\n---\n")}`);
    });
}

/** A connector of the demo's worker pool prints these example lines now. */
export function prints(
  { sandbox }: World,
  instance: string,
  ids: string[],
  fields: Record<string, unknown> = {},
): void {
  const time = sandbox.shared.clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
  for (const id of ids) {
    const example = EXAMPLES.get(id) ?? "";
    const line = example.startsWith("{")
      ? JSON.stringify({ ...JSON.parse(example), time, ...fields })
      : example;
    sandbox.google.writeLog({ ...POOL, instance }, line);
  }
}

/** Whatever the connectors printed before has been read then. */
export async function untilLogIsRead({ sandbox, until }: World): Promise<void> {
  const { journal } = sandbox.shared;
  const reads = () => journal.entries().filter((each) => each.method === "ListLogEntries").length;
  const before = reads();
  await until("the log was read twice more", () => reads() >= before + 2);
}
