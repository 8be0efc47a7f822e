// Where one can do without an answer, a vendor that gives none is passed over; a fault of our own is thrown, and so it is seen.

import { expect, test } from "vitest";
import { stringify } from "yaml";
import { serviceKey } from "../src/domain/service.ts";
import { openForm } from "../src/handlers/open-form.ts";
import { gatherFacts } from "../src/handlers/request-facts.ts";
import type { HandlerTools } from "../src/handlers/tools.ts";
import { type AnnounceTools, createAnnounce } from "../src/jobs/announce.ts";
import { createCardLogins } from "../src/jobs/card-logins.ts";
import { parsePolicy } from "../src/policy-file.ts";
import type { Access } from "../src/services/access.ts";
import { ServiceFailure } from "../src/services/failure.ts";
import { createNames } from "../src/services/names.ts";
import type { Tunnels } from "../src/services/tunnel.ts";
import { billing, openExposure } from "./domain/exposure-sample.ts";
import { fileWith } from "./policy-sample.ts";
import { quiet } from "./quiet.ts";

const OURS = new TypeError("x is not a function");
const AWAY = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const THEIRS = new ServiceFailure({
  kind: "retry",
  vendor: "cloudflare",
  operation: "lists",
  message: "Cloudflare did not answer.",
});

const CARD = { channel: "C0APPROVALS", ts: "1.1" };

/** An open exposure whose card is behind; answers what was drawn. */
async function announced(change: Partial<AnnounceTools>): Promise<string[]> {
  const drawn: string[] = [];
  const tools: Partial<AnnounceTools> = {
    load: async () => openExposure({ card: CARD }),
    announcements: {
      announcedVersion: async () => 0,
      setAnnounced: async () => undefined,
      unsent: async () => [],
    } as Partial<AnnounceTools["announcements"]> as AnnounceTools["announcements"],
    slack: {
      updateMessage: async ({ text }) => void drawn.push(text),
      postMessage: async () => CARD,
    } as Partial<AnnounceTools["slack"]> as AnnounceTools["slack"],
    channel: CARD.channel,
    decidersOf: () => ({ groups: [], people: [] }),
    names: async () => ({}),
    loginsOf: async () => null,
    installation: "drawbridge",
    now: () => new Date(),
    log: quiet,
    ...change,
  };
  await createAnnounce(tools as AnnounceTools)("e1");
  return drawn;
}

test("a card is drawn without log-ins that Cloudflare does not give", async () => {
  const announcements = { loginsShown: async () => null };
  const loginsOf = (fault: Error) => ({
    loginsOf: createCardLogins({ announcements, access: { recentLogins: () => Promise.reject(fault) } }),
  });
  expect(await announced(loginsOf(THEIRS))).toHaveLength(1);
  await expect(announced(loginsOf(OURS))).rejects.toBe(OURS);
});

test("ids stand for names that Cloudflare does not give, and they are asked for again", async () => {
  const faults: Error[] = [THEIRS, OURS];
  const list = async () => {
    const fault = faults.shift();
    if (fault) throw fault;
    return [{ id: "t1", name: "bridge" }];
  };
  const access = { listGroups: async () => [], listIdentityProviders: async () => [] };
  const names = createNames({
    tunnels: { list } as Partial<Tunnels> as Tunnels,
    access: access as Partial<Access> as Access,
  });
  expect(await names()).toEqual({});
  await expect(names()).rejects.toBe(OURS);
  expect(await names()).toEqual({ t1: "bridge" });
});

const policy = parsePolicy(stringify(fileWith()));
const FORM = {
  serviceKey: serviceKey(billing),
  hostname: "billing",
  zone: "lakeside.example",
  audiences: [],
  people: [],
  duration: 60,
  reason: "Look at the invoices",
};

/** What a request is judged by where nothing stands in its way but a request of the same. */
function handlerTools(change: { applications?: Error; permalink?: Error; frozen?: Error }) {
  const orFail = <T>(fault: Error | undefined, value: T) => (fault ? Promise.reject(fault) : value);
  const shown: object[] = [];
  const people = {
    judge: async (slackId: string) => ({ ok: true, person: { slackId, email: "asha@lakeside.example" } }),
    isMemberOf: async () => false,
  };
  const tools = {
    policy,
    log: quiet,
    cloudRun: { describe: async () => billing, listServices: async () => [billing] },
    people,
    recentPeople: people,
    slack: {
      userGroupMembers: async () => ["U0LEE"],
      permalink: async () => await orFail(change.permalink, "https://slack.example/card"),
      openView: async () => ({ viewId: "V1" }),
      updateView: async ({ view }: { view: object }) => void shown.push(view),
    },
    surroundings: {
      prepare: () => undefined,
      takenBy: async () => null,
      applications: async () => await orFail(change.applications, { count: 3, limit: 500 }),
    },
    exposures: { liveAt: async () => null, sameRequest: async () => openExposure({ card: CARD }) },
    guards: { isOn: async () => await orFail(change.frozen, false) },
  };
  return { tools: tools as object as HandlerTools, shown };
}

test("a request is judged without a count, or a link, that a vendor does not give", async () => {
  const asked = (change: Parameters<typeof handlerTools>[0]) =>
    gatherFacts(handlerTools(change).tools, "U0ASHA", FORM);
  const link = "https://slack.example/card";
  expect(await asked({})).toMatchObject({ applications: { count: 3 }, duplicate: { link }, failed: [] });
  expect(await asked({ applications: THEIRS })).toMatchObject({ applications: null, failed: [] });
  expect(await asked({ permalink: THEIRS })).toMatchObject({ duplicate: { link: null }, failed: [] });
  await expect(asked({ applications: OURS })).rejects.toBe(OURS);
  await expect(asked({ permalink: OURS })).rejects.toBe(OURS);
});

test("a form opens while the store is away", async () => {
  const asker = { userId: "U0ASHA", triggerId: "t" };
  const away = handlerTools({ frozen: AWAY });
  await openForm(away.tools, asker, "");
  expect(away.shown).toHaveLength(1);
  await expect(openForm(handlerTools({ frozen: OURS }).tools, asker, "")).rejects.toBe(OURS);
});
