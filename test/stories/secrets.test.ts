// Every secret carries a mark, vendors repeat it in whatever goes wrong, and the bot logs all it can: the mark stands nowhere.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultRule } from "../../sandbox/contract.ts";
import { askAndApprove, expose, untilClosed } from "../exposing.ts";
import { commandFile } from "../made-once.ts";
import { ALL, APP, asMarkedUser, BOT, everyRow, MARK, MARKED_ENV, markedSeed, rowsOf } from "../marked.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
let databaseUrl: string;
const output: string[] = [];

beforeAll(async () => {
  world = await createWorld({ ownProcess: true, seed: markedSeed(), env: MARKED_ENV });
  databaseUrl = await asMarkedUser(world.databaseUrl ?? "");
  await world.stopBot();
  await world.startBot({ DATABASE_URL: databaseUrl });
});
afterAll(() => world.close());

const SLACK_ECHO = {
  ok: false,
  error: "invalid_arguments",
  needed: BOT,
  provided: APP,
  response_metadata: { messages: [`[ERROR] ${ALL}`] },
};
const CLOUDFLARE_ECHO = {
  success: false,
  errors: [{ code: 10000, message: `Authentication error: ${ALL}` }],
  messages: [ALL],
  result: null,
};

function spoil(
  rule: Partial<FaultRule> & Pick<FaultRule, "vendor" | "path">,
  status: number,
  body: unknown,
): void {
  world.sandbox.shared.faults.add({ ...rule, effect: { kind: "status", status, body } });
}

test("a form, a list and a card, with every kind of answer that repeats the tokens", async () => {
  const { asha } = world;
  spoil({ vendor: "slack", path: "views.open" }, 200, SLACK_ECHO);
  await asha.runs("");
  spoil({ vendor: "slack", path: "users.info" }, 200, { ok: false, error: ALL });
  await asha.opensForm("");
  spoil({ vendor: "slack", path: "views.update" }, 403, ALL);
  await asha.runs("");
  spoil({ vendor: "slack", path: "response/" }, 400, { ok: false, error: ALL });
  await asha.runs("list");
  spoil({ vendor: "google", path: "" }, 13, ALL);
  await asha.runs("grafana");
  spoil({ vendor: "slack", path: "chat.postMessage" }, 200, { ...SLACK_ECHO, error: "fatal_error" });
  await world.until("each was met", () =>
    world.sandbox.shared.faults.list().every(({ hits, path }) => hits || path === "chat.postMessage"),
  );
});

test("opened, extended and closed, with every kind of answer that repeats the tokens", async () => {
  const { shared, slack } = world.sandbox;
  const { asha } = world;
  spoil({ vendor: "slack", path: "chat.update" }, 500, ALL);
  spoil({ vendor: "slack", path: "chat.update", nth: 2 }, 401, ALL);
  spoil({ vendor: "cloudflare", path: "/access/apps$", method: "POST" }, 500, CLOUDFLARE_ECHO);
  spoil({ vendor: "cloudflare", path: "/dns_records$", method: "POST" }, 500, ALL);
  shared.faults.add({ vendor: "cloudflare", path: "/configurations$", effect: { kind: "malformed" } });
  const host = await expose(world, { service: "billing-api", duration: 60 });

  await asha.presses("Extend", world.card(host));
  expect(await asha.submits({ "form.duration": "60", "form.reason": "One more hour" })).toBeNull();
  const user = new URL(databaseUrl).username;
  await rowsOf(
    world.databaseUrl ?? "",
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`,
  );
  spoil({ vendor: "slack", path: "apps.connections.open", times: 2 }, 200, SLACK_ECHO);
  slack.dropSockets();
  spoil({ vendor: "cloudflare", path: "/access/apps/", method: "DELETE" }, 500, CLOUDFLARE_ECHO);
  await world.until("a socket is back, and the click is taken", async () => {
    return (await asha.presses("Close", world.card(host))).outcome === "acked";
  });
  await untilClosed(world, host, 60);
  shared.faults.clear();
});

test("an opening that is refused for good tells why, without what the vendor repeated", async () => {
  spoil({ vendor: "cloudflare", path: "/access/apps$", method: "POST", times: 0 }, 403, CLOUDFLARE_ECHO);
  const host = await askAndApprove(world, { service: "grafana" });
  await world.until("the card says why", () => world.cardText(host).includes("Could not open"));
  world.sandbox.shared.faults.clear();
  await untilClosed(world, host, 60);
});

test("its health, while all is well and while nothing is", async () => {
  const { shared, env } = world.sandbox;
  const told = async () => {
    for (const path of ["/healthz", "/readyz", "/startupz", "/metrics"])
      output.push(await (await fetch(`http://127.0.0.1:${env.HEALTH_PORT}${path}`)).text());
  };
  await told();
  spoil({ vendor: "slack", path: "", times: 0 }, 500, ALL);
  await told();
  shared.faults.clear();
  expect(output.join("")).toContain('"alive":true');
});

test("the audit, exported", async () => {
  const command = await commandFile("audit");
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [command], { env });
  output.push(stdout, stderr);
  expect(stdout).toContain('"action":"opened"');
});

test("the mark stands in no line, message, row, request or answer", async () => {
  const { slack, shared } = world.sandbox;
  const people = slack.people();
  const messages = slack
    .channels()
    .flatMap(({ id }) => [
      ...slack.messages(id),
      ...people.flatMap((person) => slack.messages(id, person.id)),
    ]);
  const places = {
    lines: world.logged.join("\n"),
    messages: JSON.stringify(messages),
    rows: await everyRow(world.databaseUrl ?? ""),
    requests: JSON.stringify(shared.journal.entries()),
    answers: output.join("\n"),
  };
  for (const [place, text] of Object.entries(places)) {
    const at = text.indexOf(MARK);
    expect([place, text.length > 100]).toEqual([place, true]);
    expect([place, at < 0 ? "" : text.slice(Math.max(0, at - 300), at + 60)]).toEqual([place, ""]);
  }
  expect(places.lines).toContain("[redacted]");
});
