import { describe, expect, it } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import { freshProgress } from "../../src/domain/progress.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { wordsOf } from "./reading.ts";
import { context, exposure, later } from "./samples.ts";

function read(of: Exposure): string {
  return wordsOf(exposureCard(of, context()));
}

describe("steps", () => {
  const at = (steps: Exposure["progress"]["steps"], waiting: string | null = null) => ({
    progress: { ...freshProgress(), steps, waiting },
  });

  it("all wait before the work begins", () => {
    const states = read(exposure("approved")).match(/(Done|Under way|Waiting): /g);
    expect(states).toEqual(Array(6).fill("Waiting: "));
  });

  it("say which is done, which is under way, and what it waits for", () => {
    const shown = read(
      exposure(
        "opening",
        at(
          [
            { step: "application", at: later(6) },
            { step: "record", at: later(6) },
          ],
          "DNS has not spread yet.",
        ),
      ),
    );
    expect(shown.match(/(Done|Under way|Waiting): /g)?.map((word) => word.trim())).toEqual([
      "Done:",
      "Done:",
      "Under way:",
      "Waiting:",
      "Waiting:",
      "Waiting:",
    ]);
    expect(shown).toContain("Not yet: DNS has not spread yet.");
    expect(shown).not.toContain("not recorded");
  });

  it("of closing count as done when a later one is", () => {
    const shown = read(exposure("closing", at([{ step: "record-removed", at: later(6) }])));
    expect(shown).toContain("Done: Route removed from the tunnel Done: DNS record removed");
    expect(shown).toContain("Under way: Live log-ins revoked");
  });

  it("start over when it is opened anew, with the reason", () => {
    const shown = read(
      exposure("opening", { openedAt: later(7), ...at([], "The application was deleted by hand.") }),
    );
    expect(shown).toContain("Opening again: billing-api");
    expect(shown).toContain("the route was taken away first");
    expect(shown).toContain("Not yet: The application was deleted by hand.");
  });
});
