// The city around Slack: time, hostnames, Cloudflare, faults and the journal.
import { useDesk } from "../desk.ts";
import { CloudflarePart } from "./cloudflare.tsx";
import { FaultsPart } from "./faults.tsx";
import { HostnamesPart } from "./hostnames.tsx";
import { JournalPart } from "./journal.tsx";
import { TimePart } from "./time.tsx";
import { TunnelPart } from "./tunnel.tsx";

export function City() {
  const { state } = useDesk();
  return (
    <aside class="city" aria-label="City">
      <header>
        <h2>City</h2>
        <span>the world around Slack</span>
        <BotSign />
      </header>
      <div class="city-parts">
        <TimePart />
        <details open>
          <summary>
            Hostnames <Count of={state.hosts.length} />
          </summary>
          <HostnamesPart />
        </details>
        {state.connectors && (
          <details open>
            <summary>Tunnel</summary>
            <TunnelPart tunnel={state.connectors} />
          </details>
        )}
        <details open>
          <summary>
            Cloudflare <Count of={state.cloudflare.applications.length} />
          </summary>
          <CloudflarePart />
        </details>
        <details>
          <summary>
            Faults <Count of={state.faults.length} />
          </summary>
          <FaultsPart />
        </details>
        <details>
          <summary>Journal</summary>
          <JournalPart />
        </details>
      </div>
    </aside>
  );
}

function Count({ of }: { of: number }) {
  return of > 0 ? <span class="count">{of}</span> : null;
}

function BotSign() {
  const { bot, sockets } = useDesk().state;
  const words: Record<string, string> = {
    off: sockets > 0 ? "bot connected" : "no bot",
    starting: "bot starting",
    ready: "bot ready",
    unready: "bot not ready",
    died: "bot died",
  };
  return (
    <span class={`bot-sign ${bot.state}`} title={bot.detail}>
      {words[bot.state]}
    </span>
  );
}
