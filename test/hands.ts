// Others' hands at Cloudflare while the bot is at work: what somebody changes in the dashboard, at the very moment between
// two calls of the bot, and what must be so afterwards whatever it was.
import { expect } from "vitest";
import { isOpen, routesOf } from "./exposing.ts";
import { TUNNEL, type World } from "./world.ts";

export const ZONE = "5f2c1d7a9be04c6f8a3d0e1b6c7f9a24";
const ELSEWHERE = "https://elsewhere.internal:8443";
const EVERYBODY = [{ name: "All", decision: "bypass", include: [{ everyone: {} }] }];
const ANY_LOG_IN = [{ name: "All", decision: "allow", include: [{ everyone: {} }] }];

export type Hand = {
  name: string;
  /** Answers what must still stand to the letter at the end, and how to take it away again. */
  edit: (world: World, host: string) => Done;
};
type Done = { theirs?: () => unknown; undo?: () => void };

export const HANDS: Hand[] = [
  {
    name: "a foreign route is added",
    edit: (world) => withRule(world, { hostname: "wiki.lakeside.example", service: ELSEWHERE }),
  },
  {
    name: "a foreign route to our hostname",
    edit: (world, hostname) => withRule(world, { hostname, service: ELSEWHERE }),
  },
  {
    name: "a wildcard route",
    edit: (world) => withRule(world, { hostname: "*.lakeside.example", service: ELSEWHERE }),
  },
  {
    name: "our route is taken out",
    edit: (world, host) => rewrite(world, (rule) => (rule.hostname === host ? [] : [rule])),
  },
  {
    name: "the lock is taken off our route",
    edit: (world, host) => rewrite(world, (rule) => [rule.hostname === host ? unlocked(rule) : rule]),
  },
  {
    name: "our route leads elsewhere",
    edit: (world, host) =>
      rewrite(world, (rule) => [rule.hostname === host ? { ...rule, service: ELSEWHERE } : rule]),
  },
  {
    name: "our application is deleted",
    edit: ({ sandbox }, host) => onOurs(sandbox, host, (id) => sandbox.cloudflare.deleteApplication(id)),
  },
  {
    name: "our application lets everybody by",
    edit: ({ sandbox }, host) =>
      onOurs(sandbox, host, (id) => sandbox.cloudflare.editApplication(id, { policies: EVERYBODY })),
  },
  {
    name: "our application lets any log-in by",
    edit: ({ sandbox }, host) =>
      onOurs(sandbox, host, (id) => sandbox.cloudflare.editApplication(id, { policies: ANY_LOG_IN })),
  },
  {
    name: "our application covers another hostname",
    edit: ({ sandbox }, host) =>
      onOurs(sandbox, host, (id) =>
        sandbox.cloudflare.editApplication(id, {
          domain: `moved-${host}`,
          destinations: [{ type: "public", uri: `moved-${host}` }],
        }),
      ),
  },
  {
    name: "our log-ins are made to last",
    edit: ({ sandbox }, host) =>
      onOurs(sandbox, host, (id) => sandbox.cloudflare.editApplication(id, { session_duration: "720h" })),
  },
  {
    name: "a foreign application opens a path",
    edit: ({ sandbox }, host) => withApplication(sandbox, `${host}/hooks`),
  },
  { name: "a wildcard bypass", edit: ({ sandbox }) => withApplication(sandbox, "*.lakeside.example") },
  {
    name: "our record is deleted",
    edit: ({ sandbox }, host) => onRecord(sandbox, host, (id) => sandbox.cloudflare.deleteRecord(ZONE, id)),
  },
  {
    name: "our record leads elsewhere",
    edit: ({ sandbox }, host) =>
      onRecord(sandbox, host, (id) =>
        sandbox.cloudflare.editRecord(ZONE, id, { content: "elsewhere.example.net" }),
      ),
  },
  {
    name: "our record is not proxied any more",
    edit: ({ sandbox }, host) =>
      onRecord(sandbox, host, (id) => sandbox.cloudflare.editRecord(ZONE, id, { proxied: false })),
  },
  {
    name: "a foreign CNAME to our hostname",
    edit: ({ sandbox }, host) =>
      withRecord(sandbox, { type: "CNAME", name: `alias-${host}`, content: host, proxied: true }),
  },
  { name: "the tunnel is renamed", edit: ({ sandbox }) => tunnelNamed(sandbox, "renamed") },
  { name: "the tunnel is moved to a local file", edit: ({ sandbox }) => tunnelMoved(sandbox) },
  { name: "something answers in front of Access", edit: ({ sandbox }, host) => inFront(sandbox, host) },
];

export function handOf(name: string): Hand {
  const found = HANDS.find((each) => each.name === name);
  if (!found) throw new Error(`nobody does this: ${name}`);
  return found;
}

type Sandbox = World["sandbox"];

function config({ sandbox }: World): Record<string, unknown> {
  return sandbox.cloudflare.tunnelConfig(TUNNEL).config;
}

function putRules(world: World, ingress: Record<string, unknown>[]): void {
  world.sandbox.cloudflare.putConfig(TUNNEL, { ...config(world), ingress });
}

function withRule(world: World, rule: Record<string, unknown>): Done {
  const theirs = { ...rule, originRequest: { noTLSVerify: true, "x-unknown": [1, null] } };
  const same = (each: Record<string, unknown>) => JSON.stringify(each) === JSON.stringify(theirs);
  putRules(world, [theirs, ...routesOf(config(world))]);
  return {
    theirs: () => routesOf(config(world)).filter(same).length,
    undo: () =>
      putRules(
        world,
        routesOf(config(world)).filter((each) => !same(each)),
      ),
  };
}

function rewrite(world: World, change: (rule: Record<string, unknown>) => Record<string, unknown>[]): Done {
  putRules(world, routesOf(config(world)).flatMap(change));
  return {};
}

function unlocked(rule: Record<string, unknown>): Record<string, unknown> {
  const { access: _, ...request } = (rule.originRequest ?? {}) as Record<string, unknown>;
  return { ...rule, originRequest: request };
}

function onOurs({ cloudflare }: Sandbox, host: string, act: (id: string) => void): Done {
  const ours = cloudflare.applications().find((each) => each.domain === host);
  if (ours) act(String(ours.id));
  return {};
}

function onRecord({ cloudflare }: Sandbox, host: string, act: (id: string) => void): Done {
  const record = cloudflare.records(ZONE).find((each) => each.name === host);
  if (record) act(String(record.id));
  return {};
}

function withApplication({ cloudflare }: Sandbox, domain: string): Done {
  const id = cloudflare.addApplication({ name: "Theirs", domain, policies: EVERYBODY });
  const seen = () => cloudflare.applications().find((each) => each.id === id);
  const before = JSON.stringify(seen());
  return {
    theirs: () => Number(JSON.stringify(seen()) === before),
    undo: () => cloudflare.deleteApplication(id),
  };
}

function withRecord({ cloudflare }: Sandbox, record: Record<string, unknown>): Done {
  const id = cloudflare.addRecord(ZONE, { ttl: 1, ...record });
  const seen = () => cloudflare.records(ZONE).filter((each) => each.id === id).length;
  return { theirs: seen, undo: () => cloudflare.deleteRecord(ZONE, id) };
}

function tunnelNamed({ cloudflare }: Sandbox, name: string): Done {
  cloudflare.editTunnel(TUNNEL, { name });
  return { undo: () => cloudflare.editTunnel(TUNNEL, { name: "cloud-run" }) };
}

/** Taking our route out of it is a write, which moves it back. */
function tunnelMoved({ cloudflare }: Sandbox): Done {
  cloudflare.editTunnel(TUNNEL, { configSrc: "local" });
  return { undo: () => cloudflare.editTunnel(TUNNEL, { configSrc: "cloudflare" }) };
}

function inFront({ cloudflare }: Sandbox, host: string): Done {
  cloudflare.putInFront(host, { status: 200, body: "hello" });
  return { undo: () => cloudflare.putInFront(host, null) };
}

/** Whatever was done: it stands open behind its gate, or nothing of ours stands. */
export function expectRight(world: World, host: string): void {
  const whole = isOpen(world, host) ? 1 : 0;
  expect({ host, ...oursAt(world, host) }).toEqual({ host, routes: whole, gates: whole, records: whole });
  expect(world.sandbox.cloudflare.firstHole(host)).toBeNull();
}

/** All of it stands as it was approved. */
export function isRight(world: World, host: string): boolean {
  const { routes, gates, records } = oursAt(world, host);
  return routes === 1 && gates === 1 && records === 1;
}

/** What is ours and whole: a route with its lock, a gate that lets by whom it must, a record that leads to the tunnel. */
function oursAt(world: World, host: string): { routes: number; gates: number; records: number } {
  const { cloudflare } = world.sandbox;
  const gates = cloudflare.applications().filter((each) => isGateOf(host, String(each.name)));
  const auds = gates
    .filter((each) => each.domain === host && !JSON.stringify(each.policies).includes("everyone"))
    .map((each) => String(each.aud));
  const routes = routesOf(config(world)).filter(
    (each) => each.hostname === host && !JSON.stringify(each).includes("x-unknown"),
  );
  const records = cloudflare.records(ZONE).filter((each) => each.name === host);
  if (!isOpen(world, host)) return { routes: routes.length, gates: gates.length, records: records.length };
  return {
    routes: routes.filter(
      (each) =>
        auds.some((aud) => JSON.stringify(each).includes(aud)) && String(each.service).includes(".run.app"),
    ).length,
    gates: auds.length,
    records: records.filter((each) => each.proxied && each.content === `${TUNNEL}.cfargotunnel.com`).length,
  };
}

function isGateOf(host: string, name: string): boolean {
  return name.startsWith("Drawbridge ") && name.endsWith(` ${host}`);
}

/** Somebody in the dashboard lets everybody through Access and takes the second lock off. */
export function standOpen({ sandbox }: World, host: string): void {
  const { cloudflare } = sandbox;
  cloudflare.setPropagation(0);
  cloudflare.setConnectorDelay(0);
  const application = cloudflare.applications().find((each) => each.domain === host);
  cloudflare.editApplication(String(application?.id), {
    policies: [{ name: "Anybody", decision: "bypass", include: [{ everyone: {} }] }],
  });
  const { config } = cloudflare.tunnelConfig(TUNNEL);
  const ingress = (config.ingress as Record<string, unknown>[]).map((rule) =>
    rule.hostname === host
      ? { ...rule, originRequest: { ...(rule.originRequest as object), access: undefined } }
      : rule,
  );
  cloudflare.putConfig(TUNNEL, { ...config, ingress });
  cloudflare.setPropagation(40);
  cloudflare.setConnectorDelay(40);
}
