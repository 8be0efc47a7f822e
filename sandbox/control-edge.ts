// The world outside Slack: visiting a hostname, what happened to it, and other people's hands in Cloudflare's dashboard.
import { Hono } from "hono";
import { z } from "zod";
import type { ControlParts } from "./control.ts";
import { attempt, ControlRefusal, personId, readBody, required } from "./control-checks.ts";
import type { CityRecord } from "./control-city.ts";

const Visit = z.strictObject({
  hostname: z.string().min(1),
  as: z.string().optional(),
  path: z.string().startsWith("/").optional(),
});
const Id = z.strictObject({ id: z.string().min(1) });
const RecordId = z.strictObject({ zoneId: z.string(), id: z.string() });
const Document = z.record(z.string(), z.unknown());
const NewRecord = z.strictObject({ zoneId: z.string(), record: Document });
const NewApplication = z.strictObject({ application: Document });
const ApplicationChange = z.strictObject({ id: z.string(), change: Document });
const Config = z.strictObject({ tunnelId: z.string(), config: Document });
const Connectors = z.strictObject({ tunnelId: z.string(), count: z.int().min(0).max(25) });
const Propagation = z.strictObject({ ms: z.int().min(0).max(600_000) });
const Service = z.strictObject({
  name: z.string(),
  change: z.strictObject({
    ingress: z.enum(["all", "internal", "internal-and-load-balancing", "none"]).optional(),
    publicInvoker: z.boolean().optional(),
    invokerIamDisabled: z.boolean().optional(),
    defaultUriDisabled: z.boolean().optional(),
  }),
});

export function edgeRoutes({ cloudflare, slack }: ControlParts, city: CityRecord): Hono {
  const routes = new Hono();
  routes.post("/visit", async (context) => {
    const { hostname, as, path } = await readBody(context, Visit);
    const email = as === undefined || as === "stranger" ? undefined : emailOf(personId(slack, as));
    const visit = await attempt(() => cloudflare.visit(hostname, { email, path }));
    city.visited(hostname, email !== undefined, visit.verdict);
    return context.json(visit);
  });
  routes.get("/hosts", (context) => context.json(city.hosts()));
  routes.get("/history", (context) => context.json(cloudflare.history(required(context, "hostname"))));
  return routes;

  function emailOf(id: string): string {
    const person = slack.people().find((each) => each.id === id);
    if (!person?.email) throw new ControlRefusal(`${person?.name ?? id} has no email to log in with`);
    return person.email;
  }
}

export function cloudflareRoutes({ cloudflare, shared, tunnel }: ControlParts, city: CityRecord): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json({ ...city.cloudflare(), configs: city.configs() }));
  routes.post("/add-application", async (context) => {
    const { application } = await readBody(context, NewApplication);
    return context.json({ id: await attempt(() => cloudflare.addApplication(application)) });
  });
  routes.post("/edit-application", async (context) => {
    const { id, change } = await readBody(context, ApplicationChange);
    await attempt(() => cloudflare.editApplication(id, change));
    return context.json({ ok: true });
  });
  routes.post("/delete-application", async (context) => {
    const { id } = await readBody(context, Id);
    if (!cloudflare.applications().some((each) => each.id === id))
      throw new ControlRefusal(`no application ${id}`, 404);
    await attempt(() => cloudflare.deleteApplication(id));
    return context.json({ ok: true });
  });
  routes.post("/add-record", async (context) => {
    const { zoneId, record } = await readBody(context, NewRecord);
    return context.json({ id: await attempt(() => cloudflare.addRecord(zoneId, record)) });
  });
  routes.post("/delete-record", async (context) => {
    const { zoneId, id } = await readBody(context, RecordId);
    await attempt(() => cloudflare.deleteRecord(zoneId, id));
    return context.json({ ok: true });
  });
  routes.post("/config", async (context) => {
    const { tunnelId, config } = await readBody(context, Config);
    await attempt(() => cloudflare.putConfig(tunnelId, config));
    return context.json(cloudflare.tunnelConfig(tunnelId));
  });
  routes.post("/connectors", async (context) => {
    const { tunnelId, count } = await readBody(context, Connectors);
    if (!city.tunnels().some((tunnel) => tunnel.id === tunnelId))
      throw new ControlRefusal(`no tunnel ${tunnelId}`, 404);
    if (tunnel?.tunnelId === tunnelId) await tunnel.pool.scale(count);
    else await attempt(() => cloudflare.setConnectors(tunnelId, count));
    return context.json({ tunnelId, count, now: shared.clock.now().toISOString() });
  });
  routes.post("/propagation", async (context) => {
    const { ms } = await readBody(context, Propagation);
    cloudflare.setPropagation(ms);
    return context.json({ ms });
  });
  return routes;
}

export function googleRoutes({ google }: ControlParts): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json({ services: google.services() }));
  routes.post("/service", async (context) => {
    const { name, change } = await readBody(context, Service);
    await attempt(() => google.setService(name, change));
    return context.json({ services: google.services() });
  });
  routes.post("/remove-service", async (context) => {
    const { name } = await readBody(context, z.strictObject({ name: z.string() }));
    await attempt(() => google.removeService(name));
    return context.json({ services: google.services() });
  });
  return routes;
}
