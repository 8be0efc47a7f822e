// Faults to throw at the bot: what can go wrong at the vendors, at the press of a button.
import type { FaultRule } from "../../contract.ts";
import { call, post } from "../api.ts";
import { useDesk } from "../desk.ts";
import type { ArmedFault } from "../state.ts";

const PRESETS: { name: string; rule: FaultRule }[] = [
  {
    name: "Cloudflare answers 500 once",
    rule: { vendor: "cloudflare", effect: { kind: "status", status: 500 } },
  },
  {
    name: "Cloudflare answers 429 once",
    rule: { vendor: "cloudflare", effect: { kind: "status", status: 429, retryAfterSeconds: 5 } },
  },
  {
    name: "Cloudflare is down",
    rule: { vendor: "cloudflare", times: 0, effect: { kind: "status", status: 503 } },
  },
  {
    name: "Cloudflare is slow: 3 s",
    rule: { vendor: "cloudflare", times: 0, effect: { kind: "delay", ms: 3000 } },
  },
  {
    name: "Cloudflare’s next answer to a write is lost",
    rule: { vendor: "cloudflare", method: "POST", when: "after", effect: { kind: "drop" } },
  },
  {
    name: "Slack answers 429 once",
    rule: { vendor: "slack", path: "chat\\.", effect: { kind: "status", status: 429, retryAfterSeconds: 3 } },
  },
  {
    name: "Google refuses: permission denied",
    rule: { vendor: "google", times: 0, effect: { kind: "status", status: 7 } },
  },
];

export function FaultsPart() {
  const { state, perform } = useDesk();
  return (
    <>
      <ul class="things" aria-label="Active faults">
        {state.faults.map((fault) => (
          <li key={fault.id}>
            <span>
              {describe(fault)} <small class="muted">hit {fault.hits}×</small>
            </span>
            <button
              type="button"
              aria-label={`Remove ${fault.id}`}
              onClick={() => void perform(call("DELETE", `/faults/${fault.id}`))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <div class="levers stacked">
        {PRESETS.map(({ name, rule }) => (
          <button key={name} type="button" onClick={() => void perform(post("/faults", rule))}>
            {name}
          </button>
        ))}
        <button type="button" onClick={() => void perform(post("/slack/recycle", { which: "one" }))}>
          Slack recycles a connection
        </button>
        <button type="button" onClick={() => void perform(post("/slack/sockets", { action: "drop" }))}>
          Slack drops every connection
        </button>
      </div>
    </>
  );
}

function describe({ vendor, method, path, effect, times, when }: ArmedFault): string {
  const what =
    effect.kind === "status"
      ? `answers ${effect.status}`
      : effect.kind === "delay"
        ? `+${effect.ms} ms`
        : effect.kind;
  const often = times === 0 ? "always" : (times ?? 1) === 1 ? "once" : `${times}×`;
  return [vendor, method, path, what, often, when === "after" ? "after the effect" : ""]
    .filter(Boolean)
    .join(" ");
}
