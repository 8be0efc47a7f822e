// A request that cannot be let through is told so at once, all of it, field by field, and nothing is stored.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, expose } from "../exposing.ts";
import { withShops } from "../shops.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  const seed = withShops(40);
  const guarded = { type: "self_hosted", name: "Wiki", domain: "wiki.lakeside.example", policies: [] };
  const applications = [...seed.cloudflare.applications, guarded];
  world = await createWorld({ seed: { ...seed, cloudflare: { ...seed.cloudflare, applications } } });
});
afterAll(() => world.close());

test.each([
  ["x"]
])("probe %s", async () => {
  const { asha, lee, tom } = world;
  const hn = async (hostname: string, more = {}) => console.log(hostname, await asha.asks({ service: "shop-1", hostname, ...more }));
  await hn("status"); await hn("intranet"); await hn("wiki"); await hn("www"); await hn("billing.other.example"); await hn("a.b.lakeside.example");
  await hn("bad_name!"); await hn("xn--80ak6aa92e"); await hn("bіlling"); await hn("x".repeat(60));
  await hn("all", { audiences: [], people: ["U0GUEST", "U0STRANGER", "U0GONE", "U0BRIDGE"] });
  await hn("none", { audiences: [] });
  await hn("nothing-right_", { audiences: [], people: ["U0GUEST"] });
  const h = await ask(world, { service: "shop-2" });
  await hn("shop-2");
  console.log(await asha.asks({ service: "shop-2", hostname: "other" }));
  for (const s of ["backoffice", "legacy-reports"]) console.log(s, await asha.asks({ service: s }));
  world.sandbox.slack.setUserGroup("S0LEADS", ["U0LEE"]);
  console.log(await lee.asks({ service: "shop-3" }));
  console.log(await asha.asks({ service: "payroll-admin", duration: 30 }));
  world.sandbox.slack.setUserGroup("S0LEADS", ["U0LEE", "U0MINA"]);
  for (const who of ["U0GUEST", "U0STRANGER"]) { const p = world.person(who); const f = await p.opensForm(""); console.log(JSON.stringify(f.view.blocks).slice(0, 300)); console.log(await p.asks({service:"shop-4"}).catch(e=>e.message)); }
});
