// The tunnel's levers: break it as networks and people do, read what cloudflared says, and heal it.
import { Hono } from "hono";
import { z } from "zod";
import type { ControlParts } from "./control.ts";
import { attempt, ControlRefusal, readBody } from "./control-checks.ts";
import { isOwnApplication, tunnelState } from "./control-tunnel-state.ts";
import { TUNNEL_FAULTS } from "./tunnel-faults.ts";

const Fault = z.enum(TUNNEL_FAULTS);
const Options = z.strictObject({ protocol: z.enum(["auto", "quic"]).optional() });

export function tunnelRoutes(parts: ControlParts): Hono {
  const routes = new Hono();
  function running() {
    if (parts.tunnel) return parts.tunnel;
    throw new ControlRefusal("this sandbox runs without processes for cloudflared", 404);
  }

  routes.get("/", (context) => context.json(tunnelState(parts, running())));
  routes.post("/heal", async (context) => {
    await running().faults.heal();
    return context.json(tunnelState(parts, running()));
  });
  routes.post("/delete-application", async (context) => {
    const found = parts.cloudflare.applications().findLast((each) => isOwnApplication(parts, each));
    if (!found) throw new ControlRefusal("no application of Drawbridge's is there: open a service first");
    await attempt(() => parts.cloudflare.deleteApplication(String(found.id)));
    return context.json({ ok: true, deleted: found.domain });
  });
  routes.post("/:fault", async (context) => {
    const fault = Fault.safeParse(context.req.param("fault"));
    if (!fault.success) throw new ControlRefusal(`a fault is one of ${TUNNEL_FAULTS.join(", ")}`, 404);
    const options = await readBody(context, Options);
    const { faults } = running();
    await attempt(() => faults.play(fault.data, options));
    return context.json(tunnelState(parts, running()));
  });
  return routes;
}
