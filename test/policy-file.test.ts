// The policy file: what it says when it is right, and every problem told when it is not.
import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ConfigError } from "../src/config-values.ts";
import { loadPolicy, parsePolicy } from "../src/policy-file.ts";
import { fileWith, ID, RULE, wrong } from "./policy-sample.ts";

describe("a file that is right", () => {
  it("may say little", () => {
    expect(parsePolicy(stringify(fileWith()))).toMatchObject({
      installation: "main",
      tunnels: [{ id: ID, zones: ["lakeside.example"], services: ["*"] }],
      audiences: [],
      peopleDomains: ["lakeside.example"],
      lapseMinutes: 480,
      remindMinutes: 240,
      rules: [
        {
          approvers: { groups: ["S0LEADS"], people: [] },
          approvals: 1,
          maxMinutes: 480,
          presets: [60, 480],
          reviewMinutes: null,
          freeExtensionMinutes: 0,
        },
      ],
    });
  });

  // Cloudflare answers in small letters, and what is compared with its answers has to be written alike.
  it("may name what Cloudflare has in capitals", () => {
    const id = "6FF42AE2-765D-4ADF-8112-31C55C1551EF";
    const idpGroups = [{ provider: "okta", providerId: id, group: "Leads" }];
    const file = (named: string) =>
      stringify(
        fileWith({
          tunnels: [{ id, zones: ["lakeside.example"] }],
          visits: { serviceToken: id },
          audiences: [{ id: "staff", name: "Staff", accessGroups: [id], idpGroups, loginMethods: [id] }],
          people: { emailDomains: ["lakeside.example"], loginMethods: [id] },
        }),
      ).replaceAll(id, named);
    expect(parsePolicy(file(id))).toEqual(parsePolicy(file(id.toLowerCase())));
  });

  it("may say more", () => {
    const rules = [
      {
        ...RULE,
        untilClosed: { review: "30d" },
        freeExtension: "1h30m",
        presets: ["8h", "30m", "8h"],
        approvals: 2,
      },
    ];
    const audiences = [
      { id: "all", name: "All", emailDomains: ["Lakeside.Example"], emails: ["Lee@Lakeside.Example"] },
    ];
    const policy = parsePolicy(stringify(fileWith({ rules, audiences, reserved: ["Status"] })));
    expect(policy.rules[0]).toMatchObject({
      reviewMinutes: 43_200,
      freeExtensionMinutes: 90,
      presets: [30, 480],
      approvals: 2,
    });
    expect(policy.audiences[0]?.audience).toMatchObject({
      emailDomains: ["lakeside.example"],
      emails: ["lee@lakeside.example"],
    });
    expect(policy.reservedLabels).toEqual(expect.arrayContaining(["www", "autodiscover", "status"]));
  });

  it("may name nobody who approves: then nobody does", () => {
    expect(
      parsePolicy(stringify(fileWith({ rules: [{ ...RULE, approvers: {} }] }))).rules[0]?.approvers,
    ).toEqual({
      groups: [],
      people: [],
    });
  });
});

describe("a file that is wrong", () => {
  it.each(["channels", "google", "tunnels", "people", "rules"])("without %s", (name) => {
    const problems = wrong({ [name]: undefined });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^policy: ${name} `));
  });

  it.each<[string, object, string]>([
    ["an unknown key", { surprise: 1 }, "the file"],
    ["an unknown key in a rule", { rules: [{ ...RULE, approver: {} }] }, "rules.0"],
    ["an installation with a space", { installation: "a b" }, "installation"],
    ["a channel's name", { channels: { approvals: "#leads", alerts: "C0ALERTS" } }, "channels.approvals"],
    ["no project", { google: { projects: [], regions: ["r"] } }, "google.projects"],
    ["no tunnel", { tunnels: [] }, "tunnels"],
    ["a tunnel's name", { tunnels: [{ id: "bridge", zones: ["lakeside.example"] }] }, "tunnels.0.id"],
    [
      "a zone with a scheme",
      { tunnels: [{ id: ID, zones: ["https://lakeside.example"] }] },
      "tunnels.0.zones.0",
    ],
    [
      "a zone that is a wildcard",
      { tunnels: [{ id: ID, zones: ["*.lakeside.example"] }] },
      "tunnels.0.zones.0",
    ],
    ["a zone with two dots", { tunnels: [{ id: ID, zones: ["lakeside..example"] }] }, "tunnels.0.zones.0"],
    [
      "a zone that ends in a dot",
      { tunnels: [{ id: ID, zones: ["lakeside.example."] }] },
      "tunnels.0.zones.0",
    ],
    ["an address for a zone", { tunnels: [{ id: ID, zones: ["10.0.0.1"] }] }, "tunnels.0.zones.0"],
    ["no email domain", { people: { emailDomains: [] } }, "people.emailDomains"],
    ["no rule", { rules: [] }, "rules"],
    ["a rule without services", { rules: [{ ...RULE, services: [] }] }, "rules.0.services"],
    ["a pattern of two parts", { rules: [{ ...RULE, services: ["a/b"] }] }, "rules.0.services.0"],
    ["a regular expression", { rules: [{ ...RULE, services: ["^a.*"] }] }, "rules.0.services.0"],
    ["requesters that are a word", { rules: [{ ...RULE, requesters: "anyone" }] }, "rules.0.requesters"],
    ["approvers that are everyone", { rules: [{ ...RULE, approvers: "everyone" }] }, "rules.0.approvers"],
    [
      "a person's name",
      { rules: [{ ...RULE, approvers: { people: ["lee"] } }] },
      "rules.0.approvers.people.0",
    ],
    [
      "a channel for a group",
      { rules: [{ ...RULE, approvers: { groups: ["C0LEADS"] } }] },
      "rules.0.approvers.groups.0",
    ],
    ["no approval needed", { rules: [{ ...RULE, approvals: 0 }] }, "rules.0.approvals"],
    ["half an approval", { rules: [{ ...RULE, approvals: 1.5 }] }, "rules.0.approvals"],
    ["a time without a unit", { rules: [{ ...RULE, maxDuration: "8" }] }, "rules.0.maxDuration"],
    ["a number for a time", { rules: [{ ...RULE, maxDuration: 8 }] }, "rules.0.maxDuration"],
    ["no time", { rules: [{ ...RULE, maxDuration: "" }] }, "rules.0.maxDuration"],
    ["a time of nothing", { rules: [{ ...RULE, maxDuration: "0m" }] }, "rules.0.maxDuration"],
    ["a time of ages", { rules: [{ ...RULE, maxDuration: "9999d" }] }, "rules.0.maxDuration"],
    ["units in the wrong order", { rules: [{ ...RULE, maxDuration: "30m1h" }] }, "rules.0.maxDuration"],
    [
      "an email that is none",
      { audiences: [{ id: "a", name: "A", emails: ["lee"] }] },
      "audiences.0.emails.0",
    ],
    [
      "an unknown provider",
      { audiences: [{ id: "a", name: "A", idpGroups: [{ provider: "x", providerId: "p", group: "g" }] }] },
      "audiences.0.idpGroups.0.provider",
    ],
  ])("by %s", (_, change, place) => {
    const problems = wrong(change);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`policy: ${place} `)).toBe(true);
  });

  it.each<[string, object, RegExp]>([
    ["a preset longer than the maximum", { rules: [{ ...RULE, presets: ["9h"] }] }, /rules\.0\.presets/],
    [
      "an audience of nobody",
      { audiences: [{ id: "a", name: "A", loginMethods: ["okta"] }] },
      /"a" lets nobody in/,
    ],
    [
      "two audiences with one id",
      { audiences: [1, 2].map(() => ({ id: "a", name: "A", emails: ["a@b.example"] })) },
      /"a" twice/,
    ],
    ["a reminder after the lapse", { requests: { lapseAfter: "2h", remindAfter: "2h" } }, /remindAfter/],
  ])("by contradiction: %s", (_, change, told) => {
    const problems = wrong(change);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(told);
  });

  const everyone = "rules.0.requesters must be `everyone`, or lists of `groups` and `people`";
  it.each<[string, object, string]>([
    ["an unknown key", { foo: 1 }, "the file has the unknown key foo"],
    ["unknown keys", { foo: 1, bar: 2 }, "the file has the unknown keys foo and bar"],
    [
      "an unknown key in a rule",
      { rules: [{ ...RULE, approver: {} }] },
      "rules.0 has the unknown key approver",
    ],
    [
      "a time without its unit",
      { rules: [{ ...RULE, maxDuration: 24 }] },
      "rules.0.maxDuration is not a time such as 30m, 8h or 2d",
    ],
    ["requesters that are a word", { rules: [{ ...RULE, requesters: "anyone" }] }, everyone],
    ["requesters that are a list", { rules: [{ ...RULE, requesters: ["U0LEE"] }] }, everyone],
    ["no requesters", { rules: [{ ...RULE, requesters: undefined }] }, everyone],
    [
      "a name among the requesters",
      { rules: [{ ...RULE, requesters: { people: ["lee"] } }] },
      "rules.0.requesters.people.0 is not a Slack user id (U…)",
    ],
    ["no channels", { channels: undefined }, "channels is missing"],
  ])("is told what to do about %s", (_, change, told) => {
    expect(wrong(change)).toEqual([`policy: ${told}`]);
  });

  it("is told with every problem at once", () => {
    const rules = [{ ...RULE, approvals: 0, maxDuration: "soon" }, { services: ["*"] }];
    const problems = wrong({ installation: "A", channels: {}, rules, tunnels: [{ id: "x", zones: [] }] });
    for (const place of [
      "installation",
      "channels.approvals",
      "channels.alerts",
      "rules.0.approvals",
      "rules.0.maxDuration",
      "rules.1.presets",
      "tunnels.0.id",
      "tunnels.0.zones",
    ])
      expect(problems.filter((each) => each.startsWith(`policy: ${place} `))).toHaveLength(1);
  });

  it("is told with every contradiction at once", () => {
    const rules = [{ ...RULE, presets: ["9h"] }];
    expect(
      wrong({ rules, audiences: [{ id: "a", name: "A" }], requests: { lapseAfter: "1h" } }),
    ).toHaveLength(3);
  });
});

describe("the file on disk", () => {
  it("is read, or it is said why not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "drawbridge-policy-"));
    const file = join(folder, "policy.yaml");
    await expect(loadPolicy(file)).rejects.toThrow(/cannot be read \(ENOENT\); set POLICY_FILE/);
    await expect(loadPolicy(folder)).rejects.toThrow(ConfigError);
    await writeFile(file, stringify(fileWith()));
    expect((await loadPolicy(file)).installation).toBe("main");
  });

  it("is named by its very bytes, comments and all", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "drawbridge-policy-")), "policy.yaml");
    const texts = ["", "# é\n"].map((comment) => comment + stringify(fileWith()));
    for (const text of texts) {
      await writeFile(file, text);
      expect((await loadPolicy(file)).sha256).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });
});
