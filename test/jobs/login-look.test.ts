// How many cards a look at log-ins has drawn anew, and when it asks Cloudflare at all.
import { expect, test } from "vitest";
import { createLoginLook } from "../../src/jobs/login-look.ts";

const at = new Date("2030-01-01T12:00:00Z");

function start(cards: number, { callsAreShort = false, readable = true } = {}) {
  const happened: string[] = [];
  const ids = Array.from({ length: cards }, (_, index) => `x${index}`);
  const look = createLoginLook({
    access: {
      recentLogins: async () => {
        happened.push("asked");
        const logins = ids.map((applicationId) => ({ applicationId, email: "kim@example.com", at }));
        return readable ? { logins, from: null } : null;
      },
    },
    announcements: {
      openCards: async () => ids.map((id) => ({ exposureId: id, applicationIds: [id], shown: [] })),
      outdate: async (id) => void happened.push(`outdated ${id}`),
    },
    callsAreShort: () => callsAreShort,
    wake: async (job, key) => void happened.push(`${job} ${key}`),
  });
  return { look, happened };
}

test("a card is noted as behind before it is asked for, so that a kill in between loses none", async () => {
  const { look, happened } = start(2);
  await look();
  expect(happened).toEqual(["asked", "outdated x0", "announce x0", "outdated x1", "announce x1"]);
});

test("of many, twenty at once: Slack has others to change", async () => {
  const { look, happened } = start(50);
  await look();
  expect(happened.filter((each) => each.startsWith("outdated"))).toHaveLength(20);
});

test.each([
  ["nothing is open", start(0), []],
  ["few of the token's calls are left", start(3, { callsAreShort: true }), []],
  ["the token may not read the log", start(3, { readable: false }), ["asked"]],
])("where %s, nothing is drawn", async (_, { look, happened }, expected) => {
  await look();
  expect(happened).toEqual(expected);
});
