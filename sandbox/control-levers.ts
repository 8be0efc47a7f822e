// The sandbox's levers: time, injected faults, and the journal of every request that an emulator received.
import { Hono } from "hono";
import { z } from "zod";
import type { FaultRule, JournalEntry } from "./contract.ts";
import type { ControlParts } from "./control.ts";
import { ControlRefusal, readBody } from "./control-checks.ts";
import type { ControlEvents } from "./control-events.ts";
import { MOST_DAYS_FORWARD } from "./page/state.ts";

const When = z.enum(["before", "after"]);
const Effect = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    status: z.int(),
    body: z.unknown().optional(),
    retryAfterSeconds: z.number().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("delay"), ms: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal("drop") }),
  z.strictObject({ kind: z.literal("reset-body") }),
  z.strictObject({ kind: z.literal("hang") }),
  z.strictObject({ kind: z.literal("malformed") }),
  z.strictObject({ kind: z.literal("empty-list") }),
  z.strictObject({ kind: z.literal("refuse"), ms: z.int().min(0).max(600_000) }),
]);
const Rule: z.ZodType<FaultRule> = z.strictObject({
  vendor: z.enum(["slack", "cloudflare", "google", "edge"]),
  method: z.string().optional(),
  path: z.string().refine(isPattern, "is not a regular expression").optional(),
  nth: z.int().min(1).optional(),
  times: z.int().min(0).optional(),
  when: When.optional(),
  effect: Effect,
});
const Forward = z.strictObject({
  forwardSeconds: z
    .number()
    .positive()
    .max(MOST_DAYS_FORWARD * 86_400),
});
const Vendor = z.enum(["slack", "cloudflare", "google", "edge"]);

export function leverRoutes({ shared }: ControlParts, events: ControlEvents): Hono {
  const routes = new Hono();
  const time = () => ({ now: shared.clock.now().toISOString(), offsetMs: shared.clock.offsetMs() });
  const faultsChanged = () => events.send({ kind: "faults" });

  routes.get("/time", (context) => context.json(time()));
  routes.post("/time", async (context) => {
    const { forwardSeconds } = await readBody(context, Forward);
    shared.clock.forward(forwardSeconds * 1000);
    return context.json(time());
  });

  routes.get("/faults", (context) => context.json(shared.faults.list()));
  routes.post("/faults", async (context) => {
    const id = shared.faults.add(await readBody(context, Rule));
    faultsChanged();
    return context.json({ id }, 201);
  });
  routes.delete("/faults", (context) => {
    shared.faults.clear();
    faultsChanged();
    return context.json({ ok: true });
  });
  routes.delete("/faults/:id", (context) => {
    const id = context.req.param("id");
    if (!shared.faults.list().some((fault) => fault.id === id))
      throw new ControlRefusal(`no fault ${id}`, 404);
    shared.faults.remove(id);
    faultsChanged();
    return context.json({ ok: true });
  });

  routes.get("/journal", (context) => {
    const entries = chosen(shared.journal.entries(), context.req.query());
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    return context.body(lines, 200, { "content-type": "application/x-ndjson" });
  });
  routes.delete("/journal", (context) => {
    shared.journal.clear();
    events.send({ kind: "journal" });
    return context.json({ ok: true });
  });
  return routes;
}

function chosen(entries: JournalEntry[], query: Record<string, string>): JournalEntry[] {
  const vendor = Vendor.optional().safeParse(query.vendor);
  if (!vendor.success) throw new ControlRefusal(`vendor is one of ${Vendor.options.join(", ")}`);
  const since = query.since === undefined ? 0 : Date.parse(query.since);
  if (Number.isNaN(since)) throw new ControlRefusal("since is not a time such as 2026-11-23T09:00:00Z");
  return entries.filter(
    (entry) => (!vendor.data || entry.vendor === vendor.data) && Date.parse(entry.at) >= since,
  );
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
