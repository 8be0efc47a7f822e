// The card of an exposure that has ended.
import { describe, expect, it } from "vitest";
import type { CloseReason, Exposure } from "../../src/domain/exposure.ts";
import { exposureCard } from "../../src/views/exposure-card.ts";
import { wordsOf } from "./reading.ts";
import { context, exposure, noon } from "./samples.ts";

function read(of: Exposure): string {
  return wordsOf(exposureCard(of, context()));
}

describe("an ended card", () => {
  const closed = (because: CloseReason, by: string | null, detail: string | null = null) =>
    read(exposure("closed", { closing: { because, by, detail, at: noon } }));

  it("says by whom", () => {
    expect(closed("requester", "U0ASHA")).toContain("The requester closed it (<@U0ASHA>).");
    expect(closed("approver", "U0LEE")).toContain("An approver closed it (<@U0LEE>).");
  });

  it("says what failed and what to do", () => {
    const shown = closed("cannot-open", null, "A record stands at this hostname.");
    expect(shown).toContain("It could not be opened");
    expect(shown).toContain("What happened A record stands at this hostname.");
    expect(shown).toContain("then ask again with /expose");
  });

  const reasons =
    "ended hole drift store-restored all-gone service-gone requester-gone admin frozen openings-frozen";
  it.each(reasons.split(" ") as CloseReason[])("gives a reason for %s", (because) => {
    expect(closed(because, null)).toMatch(/Closed <!date\^\d+\^[^>]+>\. [A-Z][^.]{10,}\./);
  });

  it("shows the reason of a denial", () => {
    const closing = { because: "approver" as const, by: "U0LEE", detail: "Use staging.", at: noon };
    const shown = read(exposure("denied", { closing }));
    expect(shown).toContain("Denied by <@U0LEE>");
    expect(shown).toContain("Reason Use staging.");
  });

  it("says who withdrew, and that silence is a no", () => {
    expect(read(exposure("withdrawn"))).toContain("Withdrawn by <@U0ASHA>");
    expect(read(exposure("lapsed"))).toContain("which counts as a no");
  });
});
