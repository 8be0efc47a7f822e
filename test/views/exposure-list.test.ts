// The answer to /expose list.
import { describe, expect, it } from "vitest";
import { exposureList } from "../../src/views/exposure-list.ts";
import { buttons, buttonsOf, wordsOf } from "./reading.ts";
import { exposure, extension, later, noon, PHASES } from "./samples.ts";

describe("the list", () => {
  const list = (exposures = PHASES.map((phase) => exposure(phase)), mine = false) =>
    exposureList(exposures, { mine, now: later(10) });

  it("begins with what is open, and closes what stands", () => {
    expect(wordsOf(list())).toMatch(
      /^All exposures: 1 open, 1 closing, 2 opening, 1 waiting, 4 ended .*?Open, ends .*?Closing .*?Opening, ends .*?Approved, not open yet.*?Waiting for approval, lapses/,
    );
    expect(buttonsOf(list())).toEqual(["Close", "Close", "Close"]);
    expect(buttonsOf(list(undefined, true))).toEqual(["Close", "Close", "Close", "Withdraw"]);
  });

  it("says where more time is asked for, and lets who asked withdraw it", () => {
    const asking = [exposure("open", { extension: extension() })];
    expect(wordsOf(list(asking))).toMatch(/Open, ends \{\d+\} ; more time is asked for/);
    expect(buttonsOf(list(asking))).toEqual(["Close"]);
    expect(buttons(list(asking, true)).map((each) => each.accessibility_label)).toEqual([
      "Close billing.example.com",
      "Withdraw the wish for 2 h more for billing.example.com",
    ]);
  });

  it("puts first what ends first", () => {
    const soon = exposure("open", { hostname: "soon.example.com", endsAt: later(20), id: "soon" });
    const shown = wordsOf(list([exposure("open"), soon]));
    expect(shown.indexOf("soon.example.com")).toBeLessThan(shown.indexOf("billing.example.com"));
  });

  it.each([
    [[exposure("open")], false, "All exposures: 1 open"],
    [
      [exposure("pending"), exposure("pending"), exposure("denied")],
      true,
      "Your exposures: 2 waiting, 1 ended",
    ],
  ])("says what is open, waits and has ended", (exposures, mine, title) => {
    const shown = list(exposures, mine);
    expect([shown.text.split("\n")[0], wordsOf({ blocks: shown.blocks.slice(0, 1) } as never)]).toEqual([
      `${title}.`,
      title,
    ]);
  });

  it("shows of what has ended the newest, however it ended", () => {
    const ended = Array.from({ length: 50 }, (_, index) =>
      exposure((["closed", "denied", "lapsed", "withdrawn"] as const)[index % 4], {
        hostname: `e${index}.example.com`,
        closedAt: later(index),
        decidedAt: index % 4 === 0 ? later(0) : later(index),
      }),
    );
    const shown = wordsOf(list(ended, true));
    const hostnames = [...shown.matchAll(/e\d+\.example\.com/g)].map(([each]) => each);
    expect(hostnames.length).toBeGreaterThan(8);
    expect(hostnames).toEqual(hostnames.map((_, index) => `e${49 - index}.example.com`));
    expect(shown).toContain("What ends first is shown, then what ended last.");
    expect(shown).toContain(`Denied {${later(49).getTime() / 1000}}`);
  });

  it("does not count what it did not read", () => {
    const ended = Array.from({ length: 50 }, () => exposure("closed", { requestedAt: later(9) }));
    const shown = wordsOf(list([exposure("open"), ...ended], true));
    expect(shown).toMatch(/^Your exposures: 1 open, the latest 50 that ended /);
    expect(shown).toContain(" and more. What ends first is shown, then what ended last.");
  });

  it("says how many are left out", () => {
    const many = Array.from({ length: 200 }, (_, index) => exposure("open", { id: `e${index}` }));
    const rows = buttons(list(many)).length;
    expect(rows).toBeGreaterThanOrEqual(8);
    expect(wordsOf(list(many))).toContain(`and ${200 - rows} more.`);
  });

  it("shows what lives before whatever ended, and how to close what there is no room for", () => {
    const open = Array.from({ length: 30 }, (_, index) =>
      exposure("open", { id: `o${index}`, hostname: `o${index}.example.com`, requestedAt: noon }),
    );
    const ended = Array.from({ length: 50 }, () => exposure("closed", { requestedAt: later(9) }));
    expect(buttonsOf(list([...ended, open[0]!], true))).toEqual(["Close"]);
    expect(wordsOf(list([...ended, open[0]!], true))).not.toContain("/expose close");
    const full = list([...ended, ...open], true);
    expect(buttonsOf(full).length).toBeGreaterThanOrEqual(8);
    expect(wordsOf(full)).toMatch(/ended last\. \/expose close <host> closes one that is not shown\.$/);
  });

  it("teaches when it is empty", () => {
    expect(wordsOf(list([], true))).toContain("Nothing of yours is open or waiting.");
    expect(wordsOf(list([]))).toContain("Type `/expose` to open");
  });

  it("does not promise an end that has passed", () => {
    expect(wordsOf(exposureList([exposure("open")], { mine: true, now: later(487) }))).toContain(
      "Open, its time is up",
    );
  });
});
