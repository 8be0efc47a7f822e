// What the alerts channel is told of holes and of crossing writes.
import { describe, expect, it } from "vitest";
import type { Hole } from "../../src/domain/holes.ts";
import { crossedAlert, holeAlert, unknownMarkAlert } from "../../src/views/alerts.ts";
import { wordsOf } from "./reading.ts";

describe("alerts", () => {
  const hole: Hole = {
    hostname: "wiki.example.com",
    tunnelName: "main",
    service: "https://wiki.a.run.app",
    why: "no-application",
    path: null,
    ours: false,
    exposureId: null,
  };

  it.each([
    ["no-application", "No Access application covers it"],
    ["bypass", "A bypass policy"],
    ["service-auth", "A Service Auth policy of its Access application asks for no token or certificate"],
    ["everyone", "lets everyone in"],
    ["one-time-pin", "logs in with a one-time PIN, so any email address will do"],
    ["any-google-account", "logs in with a Google account, so anybody's will do"],
    ["any-github-account", "logs in with a GitHub account, so anybody's will do"],
    ["any-facebook-account", "a Facebook account"],
    ["any-linkedin-account", "a LinkedIn account"],
    ["any-yandex-account", "a Yandex account"],
    ["any-cloudflare-account", "a Cloudflare account"],
    ["unknown-login", "a login method that Drawbridge does not know, so it may be anybody"],
    ["by-address", "lets in anyone who comes from an IP address that it names: any log-in will do"],
    ["by-country", "anyone who comes from a country that it names: any log-in will do"],
    ["by-device", "anyone whose device passes a check"],
    ["by-certificate", "anyone who has a client certificate"],
    ["unknown-condition", "a condition that Drawbridge does not know: it may be anybody"],
    ["public-path", "set to public"],
    ["weaker-application", "Another Access application"],
    ["options-bypass", "OPTIONS requests"],
    ["wildcard", "A wildcard route"],
  ] as const)("say what is wrong: %s", (why, text) => {
    const shown = wordsOf(holeAlert({ ...hole, why }));
    expect(shown).toContain("wiki.example.com on tunnel main");
    expect(shown).toContain(text);
    expect(shown).toMatch(/What to do: [A-Z]/);
  });

  it("say whose route it is, and where", () => {
    const shown = wordsOf(holeAlert({ ...hole, path: "/admin" }));
    expect(shown).toContain("wiki.example.com/admin on tunnel main");
    expect(shown).toContain("Drawbridge did not make this route and leaves it as it is.");
  });

  it("say what stands with our mark and is in no store, until when, and what to do", () => {
    const mark = { exposureId: "x0123456789", hostname: "lost.example.com", until: null };
    const shown = wordsOf(unknownMarkAlert(mark, "main"));
    expect(shown).toContain("lost.example.com, request x0123456789");
    expect(shown).toContain("another installation named main works on this Cloudflare account");
    expect(shown).toContain("What to do: npm run adopt takes it into the store, with its end.");
    expect(shown).not.toContain("It may live until");
    const ending = unknownMarkAlert({ ...mark, until: new Date("2026-11-23T12:00:00Z") }, "main");
    expect(wordsOf(ending)).toMatch(/nobody closes it at its end\. It may live until .+ at the latest\./);
  });

  it("tell of a crossing write, and who has to do what", () => {
    const crossing = { baseVersion: 4, foundVersion: 6, overwritten: true };
    const lost = wordsOf(crossedAlert("main", crossing));
    expect(lost).toContain("wrote on version 4, and found version 6 afterwards. Their change is gone");
    expect(lost).toContain("please make it again");
    expect(wordsOf(crossedAlert("main", { ...crossing, overwritten: false }))).toContain(
      "Nothing is left to do.",
    );
  });
});
