// Cloudflare's state, and other people's hands in it.
import { post } from "../api.ts";
import { useDesk } from "../desk.ts";
import { LockIcon } from "../icons.tsx";
import type { PageTunnel } from "../state.ts";

export function CloudflarePart() {
  const { state, perform } = useDesk();
  const { applications, records, tunnels } = state.cloudflare;
  return (
    <>
      {tunnels.map((tunnel) => (
        <Tunnel key={tunnel.id} tunnel={tunnel} />
      ))}
      <h3>Access applications</h3>
      {applications.length === 0 && <p class="muted">None.</p>}
      <ul class="things" aria-label="Access applications">
        {applications.map((application) => (
          <li key={application.id}>
            <span title={application.name}>{application.domain}</span>
            <button
              type="button"
              class="by-hand"
              aria-label={`Delete the application of ${application.domain} by hand`}
              onClick={() => void perform(post("/cloudflare/delete-application", { id: application.id }))}
            >
              Delete by hand
            </button>
          </li>
        ))}
      </ul>
      <h3>DNS records</h3>
      {records.length === 0 && <p class="muted">None.</p>}
      <ul class="things" aria-label="DNS records">
        {records.map((record) => (
          <li key={record.id}>
            <span title={record.content}>
              {record.type} {record.name}
            </span>
            <button
              type="button"
              class="by-hand"
              aria-label={`Delete the record of ${record.name} by hand`}
              onClick={() =>
                void perform(post("/cloudflare/delete-record", { zoneId: record.zoneId, id: record.id }))
              }
            >
              Delete by hand
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Tunnel({ tunnel }: { tunnel: PageTunnel }) {
  const { state, perform } = useDesk();
  const set = (count: number) => void perform(post("/cloudflare/connectors", { tunnelId: tunnel.id, count }));
  const running = tunnel.connectors > 0;
  return (
    <section class="tunnel" aria-label={`Tunnel ${tunnel.name}`}>
      <p>
        <span class={running ? "light on" : "light off"} aria-hidden="true" />
        <b>{tunnel.name}</b>
        <small>
          {running ? `${tunnel.connectors} connector${tunnel.connectors > 1 ? "s" : ""}` : "no connector"},
          version {tunnel.version}
        </small>
      </p>
      {state.connectors?.tunnelId !== tunnel.id && (
        <div class="levers">
          {running ? (
            <>
              <button type="button" onClick={() => set(0)}>
                Break the tunnel
              </button>
              {tunnel.connectors > 1 && (
                <button type="button" onClick={() => set(tunnel.connectors - 1)}>
                  Stop one connector
                </button>
              )}
            </>
          ) : (
            <button type="button" onClick={() => set(2)}>
              Mend the tunnel
            </button>
          )}
        </div>
      )}
      <ol class="rules" aria-label={`Routes of ${tunnel.name}`}>
        {tunnel.rules.map((rule, index) => (
          <li key={index}>
            <span title={rule.locked ? "cloudflared checks the Access token" : undefined}>
              {rule.locked && <LockIcon />}
            </span>
            {rule.hostname || "anything else"}{" "}
            <span class="muted">→ {rule.service.replace("https://", "")}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
