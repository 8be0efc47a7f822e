// A request that cannot be let through is told so at once, all of it, field by field, and nothing is stored.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DemoSeed } from "../../sandbox/seed.ts";
import { errorsIn, forge, lastEnvelope } from "../envelopes.ts";
import { ask, askAndApprove, NOTHING_STANDING, standing } from "../exposing.ts";
import { ZONE } from "../hands.ts";
import { withShops } from "../shops.ts";
import { trailOf } from "../trail.ts";
import { APPROVALS, createWorld, TUNNEL, type World } from "../world.ts";

const LEADS = "S0LEADS";

let world: World;
beforeAll(async () => {
  world = await createWorld({ seed: withNeighbours(withShops(20)) });
});
afterEach(() => {
  world.sandbox.slack.setUserGroup(LEADS, ["U0LEE", "U0MINA"]);
  world.sandbox.shared.faults.clear();
});
afterAll(() => world.close());

test.each([
  ["status", "The name status is reserved. Choose another."],
  ["www", "The name www is reserved. Choose another."],
  ["wiki", "An Access application that is not ours already covers this hostname. Choose another hostname."],
  ["kiosk", "A route that is not ours already leads this hostname somewhere. Choose another hostname."],
  ["printer", "A DNS record that is not ours already stands at this hostname. Choose another hostname."],
  [
    "shop.other.example",
    "End the hostname in lakeside.example or lakeside-labs.example, or enter its first part only.",
  ],
  [
    "a.b.lakeside.example",
    "Use one part before lakeside.example. The certificate does not cover deeper names.",
  ],
  ["shop_1!", "Use letters a to z, digits and hyphens only, such as billing or billing.example.com."],
  ["xn--shp-0na", "Use plain letters a to z. Names with other letters can be mistaken for another name."],
  ["shоp", "Use plain letters a to z. Names with other letters can be mistaken for another name."],
  ["s".repeat(60), "Use at most 63 characters. Access takes no longer hostname."],
])("the hostname %s is refused", async (hostname, words) => {
  expect(await world.asha.asks({ service: "shop-1", hostname })).toEqual({ hostname: words });
});

test("a hostname that another exposure uses is refused with the way to its card", async () => {
  const host = await ask(world, { service: "shop-2" });
  const errors = await world.tom.asks({ service: "shop-3", hostname: "shop-2" });
  expect(errors?.hostname).toMatch(/^Another exposure already uses this hostname\. .* See https:\S+$/);
  expect(errors?.hostname).toContain(linkTo(host));
});

test("two people who ask for one hostname in the same moment: one gets it, the other is told", async () => {
  const { asha, tom } = world;
  const answers = await Promise.all([
    asha.asks({ service: "shop-4", hostname: "both" }),
    tom.asks({ service: "shop-5", hostname: "both" }),
  ]);
  expect(answers.filter((each) => each === null)).toHaveLength(1);
  expect(answers.find((each) => each !== null)?.hostname).toMatch(
    /^Another exposure already uses this hostname/,
  );
  const asked = (await trailOf(world)).filter(({ action, details }) => {
    return action === "request" && String(details.hostname).startsWith("both");
  });
  expect(asked.map(({ outcome }) => outcome).sort()).toEqual(["ok", "refused"]);
});

test("the same request again leads to the card that stands", async () => {
  const host = await ask(world, { service: "shop-6" });
  const errors = await world.asha.asks({ service: "shop-6", hostname: "elsewhere" });
  expect(errors?.service).toMatch(/^The same request is already under way\. See https:/);
  expect(errors?.service).toContain(linkTo(host));
});

test("every problem is told at the same time, each under its field", async () => {
  const { asha, sandbox } = world;
  const errors = await asha.asks({
    service: "backoffice",
    hostname: "back_office",
    audiences: [],
    people: ["U0GUEST", "U0STRANGER", "U0GONE", "U0BRIDGE"],
    reason: "   ",
  });
  expect(errors).toEqual({
    service: "This service takes no requests at all. Set its ingress to internal, then ask again.",
    hostname: "Use letters a to z, digits and hyphens only, such as billing or billing.example.com.",
    people: [
      "Gus Guest is a guest. Pick somebody else.",
      "Sam Partner belongs to another workspace. Pick somebody else.",
      "Gwen Gone has a deactivated account. Pick somebody else.",
      "Drawbridge is a bot. Pick somebody else.",
    ].join(" "),
    reason: "Say why. Approvers read it first.",
  });
  expect(
    sandbox.slack
      .messages(APPROVALS)
      .map((each) => each.text)
      .join(),
  ).not.toContain("backoffice");
});

test("a request for nobody is refused", async () => {
  const errors = await world.asha.asks({ service: "shop-7", audiences: [] });
  expect(errors).toEqual({ audience: "Choose an audience, or pick people, or both." });
});

test("somebody with an address outside the company's domains cannot be picked", async () => {
  const { asha, sandbox } = world;
  sandbox.slack.setPerson("U0TOM", { email: "tom@harbour.example" });
  const errors = await asha.asks({ service: "shop-7", audiences: [], people: ["U0TOM"] });
  sandbox.slack.setPerson("U0TOM", { email: "tom@lakeside.example" });
  expect(errors?.people).toMatch(/^Tom Becker has an email address outside the domains/);
});

test("a service that no tunnel could lead to is refused", async () => {
  expect(await world.asha.asks({ service: "legacy-reports" })).toEqual({
    service: "The run.app URL of this service is turned off. Turn its default URL on, then ask again.",
  });
});

test("a duration that the list did not offer is refused", async () => {
  await world.asha.asks({ service: "shop-8", hostname: "status" });
  const form = lastEnvelope(world, "view_submission");
  const sent = (value: string) =>
    forge(world, form, ({ view }) => {
      const field = view?.state.values.duration?.["form.duration"];
      Object.assign(field ?? {}, { selected_option: { value } });
    });
  expect(errorsIn(await sent("1441"))?.duration).toBe(
    "The policy allows 1 day at the most for this service.",
  );
  expect(errorsIn(await sent("-5"))?.duration).toBe("Choose how long it should be open.");
});

test("whoever may not ask is refused, whatever form they send", async () => {
  await world.asha.asks({ service: "payroll-admin", duration: 30, hostname: "status" });
  const form = lastEnvelope(world, "view_submission");
  const sentBy = async (id: string) =>
    errorsIn(await forge(world, form, ({ user }) => Object.assign(user, { id })));

  expect((await sentBy("U0TOM"))?.service).toBe(
    "The policy does not let you ask for this service. Choose another, or ask its owners.",
  );
  expect((await sentBy("U0GUEST"))?.service).toContain("Guests cannot use Drawbridge.");
  expect((await sentBy("U0STRANGER"))?.service).toContain(
    "People of other workspaces cannot use Drawbridge.",
  );
  expect((await sentBy("U0GONE"))?.service).toContain("This account is deactivated, so nothing was changed.");
  expect((await sentBy("U0BRIDGE"))?.service).toContain("Bots cannot use Drawbridge.");
});

test("a service of a project that the policy does not name is none, though the bot could read it", async () => {
  await world.asha.asks({ service: "shop-8", hostname: "vault" });
  const form = lastEnvelope(world, "view_submission");
  const key = "lakeside-vault/asia-northeast1/shop-8";
  const sent = await forge(world, form, ({ view }) => {
    const field = view?.state.values.service?.["expose.service"];
    Object.assign(field ?? {}, { selected_option: { value: key } });
  });
  expect(errorsIn(sent)?.service).toMatch(/^Cloud Run does not know this service/);
});

test("a guest reads in the form's place why it is not for them, and finds nothing to fill in or send", async () => {
  await world.person("U0GUEST").runs("shop-9");
  const top = () => world.sandbox.slack.modals("U0GUEST").at(-1)?.view;
  await world.until("the guest is told", () =>
    JSON.stringify(top() ?? "").includes("Guests cannot use Drawbridge."),
  );
  expect(top()).toMatchObject({ blocks: [{ type: "alert", level: "error" }] });
  expect(top()?.submit).toBeNull();
});

test("a request that nobody could approve is refused", async () => {
  world.sandbox.slack.setUserGroup(LEADS, ["U0LEE"]);
  const alone = await world.lee.asks({ service: "shop-10" });
  expect(alone?.service).toMatch(/^Nobody else could approve this, so it would wait for ever\./);

  const tooFew = await world.asha.asks({ service: "payroll-admin", duration: 30 });
  expect(tooFew?.service).toMatch(/^This needs 2 approvals, and only one other person could give one/);
});

test("what could not be looked up is said, and the same form is taken a little later", async () => {
  const { asha, sandbox } = world;
  const down = { kind: "status", status: 503 } as const;
  const path = "usergroups\\.users\\.list";
  await asha.opensForm("shop-11");
  sandbox.shared.faults.add({ vendor: "slack", path, times: 0, effect: down });
  const values = { "expose.audience": ["employees"], "form.duration": "60", "form.reason": "Audit" };
  expect(await asha.submits(values)).toEqual({ service: expect.stringMatching(/Slack/) });

  sandbox.shared.faults.clear();
  expect(await asha.submits(values)).toBeNull();
  await world.until("the card is posted", () => world.card("shop-11.lakeside.example"));
});

test("a limit that Cloudflare tells of only when it is reached leaves nothing behind", async () => {
  const { cloudflare } = world.sandbox;
  cloudflare.setApiLimits({ applications: cloudflare.applications().length });
  const host = await askAndApprove(world, { service: "shop-13" });
  await world.until("it is given up", () => world.cardText(host).includes("Closed <!date"));
  expect(world.cardText(host)).toMatch(/^Could not open: shop-13 at /);
  expect(standing(world, host)).toEqual(NOTHING_STANDING);
  cloudflare.setApiLimits({ applications: 500 });
});

test("an account with no room for another Access application is said before anybody approves", async () => {
  const { cloudflare } = world.sandbox;
  for (let count = cloudflare.applications().length; count < 500; count++)
    cloudflare.addApplication({
      name: `Old ${count}`,
      domain: `old-${count}.lakeside.example`,
      policies: [],
    });
  await world.stopBot();
  await world.startBot();
  const errors = await world.asha.asks({ service: "shop-12" });
  expect(errors?.service).toBe(
    "The Cloudflare account holds its limit of 500 Access applications. Close an exposure first.",
  );
});

/** Others have an application, a route and a record at names that the policy does not reserve. */
function withNeighbours(seed: DemoSeed): DemoSeed {
  const { cloudflare, google } = seed;
  const printer = { type: "A", name: "printer.lakeside.example", content: "192.0.2.77", ttl: 300 };
  const kiosk = { hostname: "kiosk.lakeside.example", service: "http://10.0.0.8:8080" };
  const tunnels = cloudflare.tunnels.map((each) => {
    const config = each.config ?? { ingress: [] };
    return each.id === TUNNEL
      ? { ...each, config: { ...config, ingress: [kiosk, ...config.ingress] } }
      : each;
  });
  const wiki = { type: "self_hosted", name: "Wiki", domain: "wiki.lakeside.example", policies: [] };
  const applications = [...cloudflare.applications, wiki];
  const records = [...cloudflare.records, { zoneId: ZONE, record: printer }];
  const services = google.services.flatMap((each) => [each, { ...each, project: "lakeside-vault" }]);
  return {
    ...seed,
    google: { ...google, services },
    cloudflare: { ...cloudflare, tunnels, applications, records },
  };
}

function linkTo(hostname: string): string {
  const card = world.card(hostname);
  return `/archives/${APPROVALS}/p${card?.ts.replace(".", "")}`;
}
