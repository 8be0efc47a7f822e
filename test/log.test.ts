// No secret may reach a log line, whichever way it comes: a field, a message, an error, a stack, a child's binding.
import { LogLevel } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { boltLogger, createLogger } from "../src/log.ts";
import { createRedactor } from "../src/redaction.ts";

const MARK = "MARKED0123456789";
const CLOUDFLARE = `cf_${MARK}_"quoted"`;

function recorder(level: "debug" | "info" = "debug") {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ level, destination, secrets: [CLOUDFLARE] });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown> };
}

describe("createLogger", () => {
  it("writes what Cloud Logging reads", () => {
    const { log, last } = recorder();
    log.warn({ exposureId: "e1" }, "exposure ends soon");
    expect(last()).toMatchObject({
      severity: "WARNING",
      message: "exposure ends soon",
      exposureId: "e1",
    });
    expect(new Date(String(last().time)).toISOString()).toBe(last().time);
  });

  it("files what is about one thing under its labels and one trace", () => {
    const { log, last } = recorder();
    const filed = () => [last()["logging.googleapis.com/labels"], last()["logging.googleapis.com/trace"]];
    log.warn({ exposureId: "e1", steps: ["route"] }, "drift found");
    const [labels, trace] = filed();
    expect(labels).toEqual({ exposureId: "e1" });
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    log.error({ job: "announce", key: "e1", count: 1 }, "a job failed");
    expect(filed()).toEqual([{ key: "e1", job: "announce" }, trace]);
    log.info({ key: "e2", job: "announce" }, "a job failed");
    expect(filed()[1]).not.toBe(trace);
    log.info({ connections: 2 }, "connected to Slack");
    expect(filed()).toEqual([undefined, undefined]);
  });

  it("takes secrets out of labels too", () => {
    const { log, lines } = recorder();
    log.warn({ key: `job of ${CLOUDFLARE}` }, "a job failed");
    expect(lines).toEqual([expect.stringContaining("job of [redacted]")]);
    expect(lines.join()).not.toContain(MARK);
  });

  it.each([
    ["debug", "DEBUG"],
    ["info", "INFO"],
    ["error", "ERROR"],
    ["fatal", "CRITICAL"],
  ] as const)("calls %s %s", (level, severity) => {
    const { log, last } = recorder();
    log[level]("something happened");
    expect(last().severity).toBe(severity);
  });

  it("spells out an error with its cause and its code", () => {
    const { log, last } = recorder();
    const cause = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    log.error({ err: new Error("Slack did not answer", { cause }) }, "call failed");
    expect(last().err).toMatchObject({
      type: "Error",
      message: "Slack did not answer",
      cause: { message: "socket hang up", code: "ECONNRESET" },
    });
    expect(String((last().err as { stack: string }).stack)).toContain("log.test.ts");
  });
});

const TEXTS: [string, string][] = [
  ["a bot token", `token xoxb-111-222-${MARK} refused`],
  ["an app token", `xapp-1-A0-1-${MARK}`],
  ["a rotated token", `xoxe.xoxb-1-${MARK}`],
  ["a refresh token", `xoxe-1-${MARK}`],
  ["an Authorization header", `Authorization: Bearer ${MARK}`],
  ["a Cloudflare token, by value", `call with ${CLOUDFLARE} failed`],
  ["a Cloudflare token in an address", `GET /?x=${encodeURIComponent(CLOUDFLARE)}`],
  ["a database address", `connect postgres://drawbridge:${MARK}@10.0.0.1:5432/db`],
  ["a response address", `POST https://hooks.slack.com/commands/T0/1/${MARK}`],
  ["a socket's ticket", `wss://wss-primary.slack.com/link/?ticket=${MARK}&app_id=1`],
  ["quoted JSON", JSON.stringify({ bot_token: MARK, ok: true })],
  ["an access token of Google", `ya29.${MARK}`],
];

describe("redaction", () => {
  it.each(TEXTS)("hides %s in a message, a field, an error, its stack and its cause", (_, text) => {
    const { log, lines } = recorder();
    log.info(text);
    log.info({ detail: text, deep: { list: [{ text }] } }, "fields");
    log.error(new Error(text));
    log.error({ err: new Error("outer", { cause: new Error(text) }) }, "failed");
    log.child({ about: text }).info("child");
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).not.toContain(MARK);
      expect(line).toContain("[redacted]");
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  it.each([
    "token",
    "botToken",
    "x-api-key",
    "clientSecret",
    "password",
    "authorization",
    "set-cookie",
    "response_url",
    "trigger_id",
    "private_metadata",
    "DATABASE_URL",
  ])("hides the field %s, of whatever shape", (name) => {
    const { log, lines } = recorder();
    log.info(
      { [name]: MARK, nested: { [name]: { value: MARK } }, list: [{ [name]: `a "${MARK}"` }] },
      "fields",
    );
    log.child({ [name]: `a "${MARK}" \\ b` }).info("child");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).not.toContain(MARK);
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  it("leaves what is no secret to the letter", () => {
    const { log, last } = recorder();
    const fields = {
      hostname: "billing.example.com",
      url: "https://api.example.com/x?page=2",
      tokens: 3,
      at: "a@b.example",
    };
    log.info(fields, 'said "hello" \\ goodbye');
    expect(last()).toMatchObject({ ...fields, message: 'said "hello" \\ goodbye' });
  });

  it("survives a value that holds itself", () => {
    const { log, last } = recorder();
    const loop: Record<string, unknown> = { name: "loop" };
    loop.self = loop;
    log.info({ loop }, "round");
    expect(last().message).toBe("round");
  });

  it("ignores values too short to be secrets", () => {
    expect(createRedactor(["", "abc"])("abcdef")).toBe("abcdef");
  });
});

describe("boltLogger", () => {
  it("has no debug level", () => {
    const { log, lines } = recorder();
    const bolt = boltLogger(log);
    bolt.setLevel(LogLevel.DEBUG);
    bolt.debug(`payload ${MARK}`);
    expect(bolt.getLevel()).toBe("info");
    expect(lines).toHaveLength(0);
  });

  it("keeps sentences and errors, never a payload", () => {
    const { log, lines, last } = recorder();
    const bolt = boltLogger(log);
    bolt.warn("could not parse", { text: MARK });
    bolt.error(`Unable to parse (will ignore): SyntaxError, {"text":"${MARK}"}`);
    bolt.error(Object.assign(new Error("An API error occurred: invalid_auth"), { data: { text: MARK } }));
    expect(lines.join("")).not.toContain(MARK);
    expect(last()).toMatchObject({
      severity: "ERROR",
      message: "Slack SDK reports an error",
      said: "Error: An API error occurred: invalid_auth",
    });
  });

  it("obeys a quieter level", () => {
    const { log, lines } = recorder();
    const bolt = boltLogger(log);
    bolt.setLevel(LogLevel.ERROR);
    bolt.warn("not this");
    bolt.error("but this");
    expect(lines).toHaveLength(1);
  });
});
