// Time in the sandbox, and moving it forward.
import { useState } from "preact/hooks";
import { post } from "../api.ts";
import { useNames } from "../blocks/names.ts";
import { useDesk } from "../desk.ts";
import { useTicks } from "../live.ts";
import { MOST_DAYS_FORWARD } from "../state.ts";

const MOST_HOURS = MOST_DAYS_FORWARD * 24;

export function TimePart() {
  const { state, now, perform, toast } = useDesk();
  const names = useNames();
  const [hours, setHours] = useState("24");
  useTicks(1000);
  const shown = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: names.timeZone,
  });
  const forward = (count: number) => {
    if (count > 0 && count <= MOST_HOURS) void perform(post("/time", { forwardSeconds: count * 3600 }));
    else
      toast(
        `Time only goes forward: type hours above 0, ${MOST_HOURS} (${MOST_DAYS_FORWARD} days) at the most.`,
      );
  };
  return (
    <section class="time-part" aria-label="Time">
      <p>
        <time dateTime={now().toISOString()}>{shown.format(now())}</time>
        <small>
          {names.timeZone && `${names.timeZone}, `}
          {state.offsetMs > 0 ? `${ahead(state.offsetMs)} ahead of the real time` : "the real time"}
        </small>
      </p>
      <div class="levers">
        <button type="button" onClick={() => forward(1)}>
          Forward 1 h
        </button>
        <button type="button" onClick={() => forward(8)}>
          Forward 8 h
        </button>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            forward(Number(hours));
          }}
        >
          <input
            aria-label="Hours"
            inputMode="decimal"
            value={hours}
            onInput={(event) => setHours((event.target as HTMLInputElement).value)}
          />
          <button type="submit">Forward hours</button>
        </form>
      </div>
    </section>
  );
}

function ahead(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor((minutes % 1440) / 60), "h"],
    [minutes % 60, "min"],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(" ") || "a little";
}
