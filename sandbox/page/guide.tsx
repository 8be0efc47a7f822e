// The first visit's guide: where the story stands, ticked off by what really happened.
import { useState } from "preact/hooks";
import { useDesk } from "./desk.ts";

const KEY = "drawbridge-sandbox-guide";

export function Guide() {
  const { guide } = useDesk().state;
  const [hidden, setHidden] = useState(() => localStorage.getItem(KEY) === "hidden");
  const [shown, setShown] = useState<number | null>(null);
  const next = guide.findIndex((step) => !step.done);
  const step = guide[shown ?? next];
  const toggle = () => {
    localStorage.setItem(KEY, hidden ? "shown" : "hidden");
    setHidden(!hidden);
  };
  if (hidden) {
    return (
      <button type="button" class="guide-open" onClick={toggle}>
        Show the guide
      </button>
    );
  }
  return (
    <section class="guide" aria-label="Guide">
      <ol>
        {guide.map(({ title, done }, index) => (
          <li key={title}>
            <button
              type="button"
              class={`step${done ? " done" : ""}${index === next ? " next" : ""}`}
              aria-label={`Step ${index + 1}: ${title}${done ? ", done" : ""}`}
              aria-current={index === next ? "step" : undefined}
              title={title}
              onClick={() => setShown(index === shown ? null : index)}
            >
              {done ? "✓" : index + 1}
            </button>
          </li>
        ))}
      </ol>
      <p>
        {step ? (
          <>
            <b>
              {guide.indexOf(step) + 1}. {step.title}
            </b>
            <span>{step.hint}</span>
          </>
        ) : (
          <b>
            That was the whole story. Everything here can be driven from a script too: see sandbox/README.md.
          </b>
        )}
      </p>
      <button type="button" class="guide-hide" onClick={toggle}>
        Hide the guide
      </button>
    </section>
  );
}
