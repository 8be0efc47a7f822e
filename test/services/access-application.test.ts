// Our Access application in front of a hostname: made once, put right in place, and nobody else's touched.
import { expect, test } from "vitest";
import { judgeGate } from "../../src/domain/gate.ts";
import { createAccess } from "../../src/services/access.ts";
import { ACCOUNT, APPS, failureOf, HOST, LIST, MARK, openAccess, WANT } from "./cloudflare-account.ts";

test("makes one application that is exactly what was asked for, and reads it back", async () => {
  const { access, asked, made } = await openAccess();
  const application = await access.ensureApplication(WANT);
  expect(judgeGate({ ...WANT, exposureId: "exp-1" }, [application])).toEqual([]);
  expect(application).toMatchObject({
    mark: MARK,
    sessionMinutes: 120,
    loginMethods: ["idp-okta"],
    selfHosted: true,
  });
  expect(asked()).toEqual([LIST, "POST …/access/apps 201", `GET …/access/apps/${application.id} 200`]);
  expect(made()).toMatchObject([
    {
      app_launcher_visible: false,
      auto_redirect_to_identity: true,
      tags: ["drawbridge"],
      http_only_cookie_attribute: true,
      policies: [{ name: "Drawbridge: All employees", decision: "allow", reusable: false }],
    },
  ]);
});

test("what stands already is left alone, found by its id or by its mark", async () => {
  const { access, asked, shared } = await openAccess();
  const { id } = await access.ensureApplication(WANT);
  shared.journal.clear();
  expect((await access.ensureApplication({ ...WANT, existingId: id })).id).toBe(id);
  expect((await access.ensureApplication(WANT)).id).toBe(id);
  expect((await access.ensureApplication({ ...WANT, known: await access.listApplications() })).id).toBe(id);
  expect(asked().filter((each) => !each.startsWith("GET"))).toEqual([]);
});

test("what was changed by hand is put right in place, under the same aud", async () => {
  const { access, cloudflare, made } = await openAccess();
  const before = await access.ensureApplication(WANT);
  cloudflare.editApplication(before.id, {
    destinations: [
      { type: "public", uri: HOST, overrides: [{ behavior: "public", path_pattern: "/open/*" }] },
    ],
    policies: [{ name: "all", decision: "bypass", include: [{ everyone: {} }] }],
  });
  const [changed] = await access.listApplications();
  expect(changed).toMatchObject({
    publicPaths: ["/open/*"],
    policies: [{ decision: "bypass", include: [{ kind: "everyone" }] }],
  });
  expect(await access.ensureApplication({ ...WANT, existingId: before.id })).toEqual(before);
  expect(made()).toHaveLength(1);
});

test.each<[string, (policies: object[]) => Record<string, unknown>]>([
  ["a policy's own longer session", ([first]) => ({ policies: [{ ...first, session_duration: "720h" }] })],
  [
    "another address besides",
    () => ({ destinations: [HOST, "wiki.example.com"].map((uri) => ({ type: "public", uri })) }),
  ],
  [
    "a path that is open to everybody",
    () => ({
      destinations: [
        { type: "public", uri: HOST, overrides: [{ behavior: "public", path_pattern: "/open/*" }] },
      ],
    }),
  ],
  ["a cookie for other sites", () => ({ same_site_cookie_attribute: "none" })],
  ["a log-in by WARP", () => ({ allow_authenticate_via_warp: true })],
])("%s is put right in place, and written down as it has to be", async (_, edit) => {
  const { access, cloudflare, made } = await openAccess();
  const before = await access.ensureApplication(WANT);
  const [ours] = made();
  cloudflare.editApplication(before.id, edit(ours?.policies as object[]));
  expect(judgeGate({ ...WANT, exposureId: "exp-1" }, await access.listApplications())).not.toEqual([]);
  expect(await access.ensureApplication({ ...WANT, existingId: before.id })).toEqual(before);
  expect(made()).toMatchObject([
    {
      allow_authenticate_via_warp: false,
      same_site_cookie_attribute: "lax",
      session_duration: "120m",
      policies: [{ session_duration: "120m" }],
    },
  ]);
});

test("an application that the store knows but that is gone is made anew, with another aud", async () => {
  const { access, cloudflare } = await openAccess();
  const before = await access.ensureApplication(WANT);
  cloudflare.deleteApplication(before.id);
  const after = await access.ensureApplication({ ...WANT, existingId: before.id });
  expect(after.aud).not.toBe(before.aud);
});

test.each(["reset-body", "drop", "malformed"] as const)(
  "an answer lost by %s does not make a second one",
  async (kind) => {
    const { access, fail, made } = await openAccess();
    fail({ method: "POST", path: APPS, when: "after", effect: { kind } });
    const application = await access.ensureApplication(WANT);
    expect(made().map((each) => each.id)).toEqual([application.id]);
  },
);

test("a creation that had no effect fails, and the next pass makes exactly one", async () => {
  const { access, fail, made, asked } = await openAccess();
  fail({ method: "POST", path: APPS, effect: { kind: "status", status: 500 } });
  expect(await failureOf(access.ensureApplication(WANT))).toMatchObject({ kind: "retry", status: 500 });
  expect(asked().filter((each) => each.startsWith("POST"))).toHaveLength(1);
  await access.ensureApplication(WANT);
  expect(made()).toHaveLength(1);
});

test("a lost answer to a change counts as done when the change stands", async () => {
  const { access, fail, shared } = await openAccess();
  const { id } = await access.ensureApplication(WANT);
  const want = { ...WANT, existingId: id, sessionMinutes: 30 };
  fail({ method: "PUT", effect: { kind: "drop" } });
  expect(await failureOf(access.ensureApplication(want))).toMatchObject({
    kind: "retry",
    code: "connection",
  });
  shared.faults.clear();
  fail({ method: "PUT", when: "after", effect: { kind: "drop" } });
  expect(await access.ensureApplication(want)).toMatchObject({ sessionMinutes: 30 });
});

test("somebody else's application at the hostname stops us and stays as it is", async () => {
  const { access, cloudflare, made, asked } = await openAccess();
  const id = cloudflare.addApplication({ type: "self_hosted", domain: HOST, name: "By hand" });
  const before = made();
  expect(await failureOf(access.ensureApplication(WANT))).toMatchObject({
    kind: "conflict",
    code: "not-ours",
  });
  expect(await failureOf(access.ensureApplication({ ...WANT, existingId: id }))).toMatchObject({
    code: "not-ours",
  });
  expect(await failureOf(access.removeApplication(id))).toMatchObject({ code: "not-ours" });
  expect(await failureOf(access.ensureApplication({ ...WANT, known: [] }))).toMatchObject({
    code: "not-ours",
  });
  expect(made()).toEqual(before);
  expect(asked().filter((each) => each.startsWith("DELETE") || each.startsWith("PUT"))).toEqual([]);
});

test("another installation's application is somebody else's", async () => {
  const { access, client } = await openAccess();
  const other = createAccess({ client, accountId: ACCOUNT, installation: "staging" });
  const theirs = await other.ensureApplication({ ...WANT, mark: { ...MARK, installation: "staging" } });
  expect(await failureOf(access.ensureApplication(WANT))).toMatchObject({ code: "not-ours" });
  expect(await failureOf(access.removeApplication(theirs.id))).toMatchObject({ code: "not-ours" });
});

test("takes down what is ours; what is gone is done", async () => {
  const { access, made, asked } = await openAccess();
  const { id } = await access.ensureApplication(WANT);
  await access.revokeTokens(id);
  await access.removeApplication(id);
  await access.removeApplication(id);
  await access.revokeTokens(id);
  expect(made()).toEqual([]);
  expect(asked()).toContain(`POST …/access/apps/${id}/revoke_tokens 202`);
});

test("an empty id never reaches the API, where it would name the whole collection", async () => {
  const { access, asked } = await openAccess();
  for (const call of [
    access.removeApplication(""),
    access.revokeTokens(""),
    access.ensureApplication({ ...WANT, existingId: "" }),
  ]) {
    expect(await failureOf(call)).toMatchObject({ kind: "conflict", code: "no-id" });
  }
  expect(asked()).toEqual([]);
});

test("an account that takes no more applications is told as that, with how many it has", async () => {
  const { access, cloudflare } = await openAccess();
  cloudflare.addApplication({ name: "Wiki", domain: "wiki.example.com" });
  cloudflare.setApiLimits({ applications: 1 });
  const known = await access.listApplications();
  const failure = await failureOf(access.ensureApplication({ ...WANT, known }));
  expect(failure.kind).toBe("conflict");
  expect(failure.message).toBe(
    "Cloudflare takes no further Access application (400, code 12130). The account has 1. If that is the account's limit, remove some that are no longer used or have it raised.",
  );
});
