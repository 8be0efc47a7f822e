// Access in front of a hostname: which application counts, who passes, and how long a token lives.
import { describe, expect, test } from "vitest";
import { HOST, openRoad, overHttp, ruleTo } from "./cloudflare-bench.ts";

const ASHA = "asha@example.com";
const EVERYONE = [{ everyone: {} }];
const allow = (include: object[], more: object = {}) => ({
  name: "people",
  decision: "allow",
  include,
  ...more,
});

describe("policies", () => {
  test.each([
    {
      name: "an email",
      policies: [allow([{ email: { email: "Asha@example.com" } }])],
      asha: true,
      eve: false,
    },
    {
      name: "a domain",
      policies: [allow([{ email_domain: { domain: "example.com" } }])],
      asha: true,
      eve: false,
    },
    { name: "everyone", policies: [allow(EVERYONE)], asha: true, eve: true },
    { name: "the one-time PIN", policies: [allow([{ login_method: { id: "pin" } }])], asha: true, eve: true },
    {
      name: "an unknown log-in method",
      policies: [allow([{ login_method: { id: "other" } }])],
      asha: false,
      eve: false,
    },
    { name: "an Access group", policies: [allow([{ group: { id: "group-2" } }])], asha: true, eve: false },
    { name: "an unknown group", policies: [allow([{ group: { id: "gone" } }])], asha: false, eve: false },
    {
      name: "an Okta group",
      policies: [allow([{ okta: { name: "staff", identity_provider_id: "pin" } }])],
      asha: true,
      eve: false,
    },
    {
      name: "a group elsewhere",
      policies: [allow([{ okta: { name: "staff", identity_provider_id: "x" } }])],
      asha: false,
      eve: false,
    },
    {
      name: "two emails required",
      policies: [
        allow(EVERYONE, { require: [{ email: { email: ASHA } }, { email: { email: "b@example.com" } }] }),
      ],
      asha: false,
      eve: false,
    },
    {
      name: "an exclusion",
      policies: [allow(EVERYONE, { exclude: [{ email: { email: ASHA } }] })],
      asha: false,
      eve: true,
    },
    {
      name: "a denial first",
      policies: [
        { name: "not asha", decision: "deny", include: [{ email: { email: ASHA } }] },
        allow(EVERYONE),
      ],
      asha: false,
      eve: true,
    },
    {
      name: "a denial last",
      policies: [allow(EVERYONE), { name: "nobody", decision: "deny", include: EVERYONE }],
      asha: true,
      eve: true,
    },
    {
      name: "an approval to wait for",
      policies: [allow(EVERYONE, { approval_required: true })],
      asha: false,
      eve: false,
    },
    { name: "no policy", policies: [], asha: false, eve: false },
    {
      name: "service tokens only",
      policies: [{ name: "machines", decision: "non_identity", include: [{ any_valid_service_token: {} }] }],
      asha: false,
      eve: false,
    },
  ])("$name", async ({ policies, asha, eve }) => {
    const { emulator, protect, road } = await openRoad(HOST, {
      groups: [
        { id: "group-2", name: "Team", include: [{ email: { email: ASHA } }, { group: { id: "group-2" } }] },
      ],
      identityProviders: [{ id: "pin", name: "One-time PIN", type: "onetimepin" }],
    });
    emulator.setDirectory(ASHA, ["staff"]);
    await protect({ policies });
    await road();
    const verdict = async (email?: string) => (await emulator.visit(HOST, { email })).verdict;
    expect(await verdict(ASHA)).toBe(asha ? "reached the service" : "refused by Access");
    expect(await verdict("eve@elsewhere.example")).toBe(eve ? "reached the service" : "refused by Access");
    expect(await verdict()).toBe("stopped by Access");
    expect(emulator.firstHole(HOST)).toBeNull();
  });

  test.each([
    { decision: "bypass", include: EVERYONE },
    { decision: "bypass", include: [{ ip: { ip: "0.0.0.0/0" } }] },
    { decision: "bypass", include: [{ geo: { country_code: "JP" } }] },
    { decision: "non_identity", include: EVERYONE },
  ])("$decision for $include lets a stranger in, whatever its precedence", async ({ decision, include }) => {
    const { emulator, protect, road } = await openRoad();
    await protect({ policies: [allow([{ email: { email: ASHA } }]), { name: "open", decision, include }] });
    await road();
    expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
    expect(emulator.firstHole(HOST)?.what).toBe("hole opened");
  });

  test("bypass for an identity lets no stranger in", async () => {
    const { emulator, protect, road } = await openRoad();
    await protect({ policies: [{ name: "odd", decision: "bypass", include: [{ email: { email: ASHA } }] }] });
    await road();
    expect(await emulator.visit(HOST)).toMatchObject({ status: 403, verdict: "stopped by Access" });
  });

  test("bypass gives no token, so cloudflared's lock still stops a stranger", async () => {
    const { emulator, protect, route } = await openRoad();
    const { aud } = await protect({ policies: [{ name: "open", decision: "bypass", include: EVERYONE }] });
    await route(ruleTo(HOST, aud));
    expect((await emulator.visit(HOST)).verdict).toBe("stopped by cloudflared");
    expect(emulator.firstHole(HOST)).toBeNull();
  });
});

describe("which application counts", () => {
  const bypass = { policies: [{ name: "open", decision: "bypass", include: EVERYONE }] };

  test("one below the hostname with a bypass pierces the one above", async () => {
    const { emulator, protect, road } = await openRoad();
    await protect({});
    await protect(bypass, `${HOST}/hooks`);
    await road();
    expect((await emulator.visit(HOST, { path: "/" })).verdict).toBe("stopped by Access");
    expect((await emulator.visit(HOST, { path: "/hooksome" })).verdict).toBe("stopped by Access");
    expect((await emulator.visit(HOST, { path: "/hooks/1?a=b" })).verdict).toBe("reached the service");
    expect(emulator.firstHole(HOST)?.detail).toBe("GET /hooks");
  });

  test("an exact hostname counts before a wildcard, and a wildcard covers one level", async () => {
    const { emulator, protect, point, route } = await openRoad();
    await point("*");
    await protect(bypass, "*.example.com");
    await protect({});
    await route(ruleTo("*.example.com"));
    expect((await emulator.visit(HOST)).verdict).toBe("stopped by Access");
    expect((await emulator.visit("other.example.com")).verdict).toBe("reached the service");
  });

  test("wildcards in DNS, rule and application leave two levels open", async () => {
    const { emulator, point, route, protect } = await openRoad();
    await point("*");
    await protect({}, "*.example.com");
    expect(emulator.firstHole("*.example.com")).toBeNull();
    await route(ruleTo("*.example.com"));
    expect((await emulator.visit("any.example.com")).verdict).toBe("stopped by Access");
    expect((await emulator.visit("a.b.example.com")).verdict).toBe("reached the service");
    expect(emulator.firstHole("*.example.com")).not.toBeNull();
    expect(emulator.firstHole("a.b.example.com")).not.toBeNull();
    expect(emulator.firstHole("any.example.com")).toBeNull();
  });

  test("a destination for one path leaves the rest of the hostname open", async () => {
    const { emulator, protect, road } = await openRoad();
    await protect({ destinations: [{ type: "public", uri: `${HOST}/alpha/*` }] }, `${HOST}/alpha/*`);
    await road();
    expect((await emulator.visit(HOST, { path: "/alpha/one" })).verdict).toBe("stopped by Access");
    expect((await emulator.visit(HOST, { path: "/alpha" })).verdict).toBe("reached the service");
  });

  test("a public override opens its path and nothing below it", async () => {
    const { emulator, protect, road } = await openRoad();
    const overrides = [{ behavior: "public", path_pattern: "/status" }];
    await protect({ destinations: [{ type: "public", uri: HOST, overrides }] });
    await road();
    expect((await emulator.visit(HOST, { path: "/status" })).verdict).toBe("reached the service");
    expect((await emulator.visit(HOST, { path: "/status/more" })).verdict).toBe("stopped by Access");
    expect(emulator.firstHole(HOST)?.detail).toBe("GET /status");
  });

  test("options_preflight_bypass lets a preflight through and nothing else", async () => {
    const { emulator, protect, road } = await openRoad();
    await protect({ options_preflight_bypass: true });
    await road();
    const headers = { origin: "https://a.example", "access-control-request-method": "GET" };
    expect((await overHttp(emulator.edgeUrl, HOST, "/", { method: "OPTIONS", headers })).status).toBe(200);
    expect((await overHttp(emulator.edgeUrl, HOST, "/", { method: "OPTIONS" })).status).toBe(302);
    expect((await overHttp(emulator.edgeUrl, HOST, "/", { headers })).status).toBe(302);
    expect(emulator.firstHole(HOST)?.detail).toBe("OPTIONS /");
  });

  test("deny_unmatched_requests blocks what no application covers, except in exempted zones", async () => {
    const { emulator, road } = await openRoad();
    emulator.setOrganization({ deny_unmatched_requests: true });
    await road();
    expect(await emulator.visit(HOST)).toMatchObject({ status: 403, verdict: "stopped by Access" });
    expect(emulator.firstHole(HOST)).toBeNull();
    emulator.setOrganization({ deny_unmatched_requests_exempted_zone_names: ["example.com"] });
    expect((await emulator.visit(HOST)).verdict).toBe("reached the service");
    expect(emulator.firstHole(HOST)).not.toBeNull();
  });
});
