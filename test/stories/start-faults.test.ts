// A start that cannot succeed says in one message what is wrong and what to do, and ends with 1: secrets by reference,
// rights, addresses, tunnels. test/stories/last-words.test.ts has what else is said before an end.
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freePort, startBot } from "../../sandbox/bot.ts";
import type { FaultRule } from "../../sandbox/contract.ts";
import { productionCommand } from "../made-once.ts";
import { createWorld, TUNNEL, type World } from "../world.ts";

let world: World;
let blocker: Server;
beforeAll(async () => {
  world = await createWorld();
  await world.stopBot();
  blocker = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => blocker.once("listening", resolve));
});
afterEach(() => world.sandbox.shared.faults.clear());
afterAll(async () => {
  blocker.close();
  await world.close();
});

async function saidAtStart(env: Record<string, string>): Promise<string> {
  const lines: string[] = [];
  const bot = startBot({
    env: {
      ...world.sandbox.env,
      DATABASE_URL: world.databaseUrl ?? "",
      HEALTH_PORT: String(await freePort()),
      ...env,
    },
    logFile: join(world.sandbox.dataDir, "start.log"),
    command: await productionCommand(),
    onLine: (line) => void lines.push(line),
  });
  await world.until("it has ended", () => bot.status().state === "died", 60);
  expect(bot.status().detail).toContain("exit code 1");
  const said = lines.filter((line) => !line.startsWith("{")).join("\n");
  expect(said).not.toMatch(/^ +at /m);
  return said;
}

const PROJECT = { GOOGLE_CLOUD_PROJECT: "lakeside-prod" };
const TOKEN = "sm://drawbridge-cloudflare-token";

test("every reference that cannot be read is told at once", async () => {
  const said = await saidAtStart({
    ...PROJECT,
    CLOUDFLARE_API_TOKEN: "sm://no-such-secret",
    SLACK_BOT_TOKEN: `${TOKEN}/7`,
    SLACK_APP_TOKEN: "sm://projects/elsewhere/secrets/app-token",
  });
  expect(said.split("\n").sort()).toEqual([
    expect.stringMatching(
      /^- CLOUDFLARE_API_TOKEN: There is no secret projects\/lakeside-prod\/secrets\/no-such-secret/,
    ),
    expect.stringMatching(/^- SLACK_APP_TOKEN: .*projects\/elsewhere\/secrets\/app-token/),
    expect.stringMatching(
      /^- SLACK_BOT_TOKEN: There is no secret .*drawbridge-cloudflare-token\/versions\/7/,
    ),
    "The configuration has 3 problems:",
  ]);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "a reference with no project to look in",
    { CLOUDFLARE_API_TOKEN: TOKEN },
    /names no project, and no default project is configured/,
  ],
  [
    "another account than the token's",
    { CLOUDFLARE_ACCOUNT_ID: "f".repeat(32) },
    /Cloudflare: Cloudflare refused our API token/,
  ],
  [
    "a policy that is not there",
    { POLICY_FILE: "/nowhere/drawbridge.yaml" },
    /the policy file \/nowhere\/drawbridge.yaml cannot be read \(ENOENT\)/,
  ],
])("%s", async (_, env, words) => {
  const said = await saidAtStart(env);
  expect(said).toMatch(/^The configuration has (a problem|\d problems):\n- /);
  expect(said).toMatch(words);
});

test("a port of the health server that is taken", async () => {
  const { port } = blocker.address() as AddressInfo;
  const said = await saidAtStart({ HEALTH_PORT: String(port) });
  expect(said).toContain(`HEALTH_PORT ${port} is taken by another process: choose another`);
});

test.each<[string, Omit<FaultRule, "times">, RegExp]>([
  [
    "a right to read the secret that lacks",
    { vendor: "google", method: "AccessSecretVersion", effect: { kind: "status", status: 7 } },
    /may not read the secret .*Grant its service account roles\/secretmanager.secretAccessor/,
  ],
  [
    "a right to tunnels that lacks",
    { vendor: "cloudflare", path: `/cfd_tunnel/${TUNNEL}$`, effect: { kind: "status", status: 403 } },
    /Give the token the permission "Cloudflare Tunnel Edit/,
  ],
  [
    "a tunnel that is gone",
    { vendor: "cloudflare", path: `/cfd_tunnel/${TUNNEL}$`, effect: { kind: "status", status: 404 } },
    /Cloudflare: .*(not there|does not know|no such|missing|gone)/i,
  ],
])("%s", async (_, fault, words) => {
  world.sandbox.shared.faults.add({ ...fault, times: 0 });
  const said = await saidAtStart({ ...PROJECT, CLOUDFLARE_API_TOKEN: TOKEN });
  expect(said).toMatch(words);
});
