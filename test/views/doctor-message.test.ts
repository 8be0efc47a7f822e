// What the doctor says in Slack and in a terminal, whatever vendors put into their answers.
import { describe, expect, it } from "vitest";
import { type Finding, fail, pass, unseen, warn } from "../../src/domain/finding.ts";
import { doctorMessage } from "../../src/views/doctor-message.ts";
import { doctorText } from "../../src/views/doctor-text.ts";
import { parsedText, wordsOf } from "./reading.ts";
import { POISON } from "./samples.ts";
import { faultsOfMessage } from "./slack-limits.ts";

const FINDINGS: Finding[] = [
  pass("database", null, "Postgres answered in 3 ms."),
  warn("pool-image", "acme/pool", "The image is not pinned.", "Name a version."),
  fail("private-dns", null, "It resolves elsewhere.", "Make a private zone."),
  pass("tunnel-managed", "a", "It takes its configuration from Cloudflare."),
  pass("tunnel-managed", "b", "It takes its configuration from Cloudflare."),
];

describe("doctorMessage", () => {
  it("shows what failed first, with its remedy, and names each check that passed once", () => {
    expect(wordsOf(doctorMessage(FINDINGS))).toMatch(
      /1 failed, 1 warning, 3 passed\..*Failed private-dns.*Make a private zone\..*Warning pool-image \(acme\/pool\).*Passed: database, tunnel-managed$/,
    );
  });

  it("tells what cannot be seen from the bot apart from what passed, and as no fault", () => {
    const message = doctorMessage([pass("clock", null, "It is right."), unseen("origin", null, "Not here.")]);
    expect(wordsOf(message)).toMatch(
      /All 1 checks passed, 1 cannot be seen from here\..*Passed: clock.*Not seen from the bot: origin$/,
    );
  });

  it("names all that passed, however many they are", () => {
    const names = Array.from({ length: 30 }, (_, index) => `pool-settings-${index}`);
    const message = doctorMessage(
      names.map((name) => pass(name as Finding["check"], null, "As it must be.")),
    );
    expect(wordsOf(message)).toContain(`Passed: ${names.join(", ")}`);
  });

  it("is short when all is well", () => {
    const well = FINDINGS.filter(({ outcome }) => outcome === "pass");
    expect(doctorMessage(well).text).toMatch(/^All 3 checks passed\.$/m);
  });

  it.each([[POISON], ["\u202e\u0007"], ["\\\"'<>&"], ["👩‍👩‍👧‍👦"]])(
    "is taken by Slack with 80 faults of %j",
    (text) => {
      const findings = Array.from({ length: 80 }, () =>
        fail("service-ingress", text.repeat(20), text.repeat(90), text.repeat(90)),
      );
      const message = doctorMessage(findings);
      expect(faultsOfMessage(message)).toEqual([]);
      expect(parsedText(message).join()).not.toContain("POISON");
      expect(wordsOf(message)).toMatch(/and \d+ more\. npm run doctor shows all of them\./);
    },
  );
});

describe("doctorText", () => {
  it("says why something cannot be seen, and counts it apart", () => {
    expect(doctorText([...FINDINGS, unseen("origin", null, "Not here.")])).toMatch(
      /\n---- {2}origin: Not here\.\npass.*\n\n1 failed, 1 warning, 3 passed, 1 cannot be seen from here\.$/s,
    );
  });

  it("prints a line for each finding and its remedy, the worst first", () => {
    expect(doctorText(FINDINGS).split("\n").slice(0, 5)).toEqual([
      "FAIL  private-dns: It resolves elsewhere.",
      "      -> Make a private zone.",
      "WARN  pool-image (acme/pool): The image is not pinned.",
      "      -> Name a version.",
      "pass  database: Postgres answered in 3 ms.",
    ]);
  });

  it("lets no vendor's text break the line or reach the terminal as a command", () => {
    const text = doctorText([fail("slack", "a\nb", "one\r\ntwo\u001b[31m", "x\ty")]);
    expect(text.split("\n")).toHaveLength(4);
    expect(text).not.toContain("\u001b");
  });
});
