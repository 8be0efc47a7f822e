// The last requests that the emulators received.
import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { useDesk } from "../desk.ts";

const VENDORS = ["all", "slack", "cloudflare", "google", "edge"];

export function JournalPart() {
  const { state, perform } = useDesk();
  const [vendor, setVendor] = useState("all");
  const entries = state.journal.filter((entry) => vendor === "all" || entry.vendor === vendor).toReversed();
  return (
    <>
      <div class="levers">
        <label>
          Show{" "}
          <select value={vendor} onChange={(event) => setVendor((event.target as HTMLSelectElement).value)}>
            {VENDORS.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void perform(call("DELETE", "/journal"))}>
          Clear the journal
        </button>
      </div>
      <ol class="journal" aria-label="Journal">
        {entries.map((entry) => (
          <li key={`${entry.at}${entry.path}`}>
            <details>
              <summary>
                <span class={`vendor vendor-${entry.vendor}`}>{entry.vendor}</span> {entry.method}{" "}
                {entry.path}{" "}
                <b class={entry.status >= 400 || entry.fault ? "wrong" : ""}>{entry.fault ?? entry.status}</b>
              </summary>
              <small>{entry.at}</small>
              <pre>{JSON.stringify(entry.body, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}
