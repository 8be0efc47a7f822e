// Every hostname seen so far: visit it as a stranger or as yourself, and read what happened to it.
import { useState } from "preact/hooks";
import { timeOf } from "../blocks/dates.ts";
import { useNames } from "../blocks/names.ts";
import { useDesk } from "../desk.ts";
import type { PageHost } from "../state.ts";
import { VisitWindow } from "./visit.tsx";

export function HostnamesPart() {
  const { state, seen, visit, closeVisit } = useDesk();
  const [typed, setTyped] = useState("");
  const first = state.people.find((person) => person.id === state.as)?.realName.split(" ")[0] ?? "";
  return (
    <>
      {seen && <VisitWindow seen={seen} onClose={closeVisit} />}
      {state.hosts.length === 0 && (
        <p class="muted">No hostname is open yet. The first request brings one.</p>
      )}
      <ul class="hosts" aria-label="Hostnames">
        {state.hosts.map((host) => (
          <li key={host.hostname}>
            <b class="hostname">{host.hostname}</b>
            <VisitButtons hostname={host.hostname} first={first} visit={visit} />
            <History host={host} />
          </li>
        ))}
      </ul>
      <form class="visit-any" onSubmit={(event) => event.preventDefault()}>
        <input
          aria-label="Another hostname"
          placeholder="another.hostname.example"
          value={typed}
          onInput={(event) => setTyped((event.target as HTMLInputElement).value)}
        />
        {typed.includes(".") && <VisitButtons hostname={typed.trim()} first={first} visit={visit} />}
      </form>
    </>
  );

  function VisitButtons(props: { hostname: string; first: string; visit: typeof visit }) {
    const { hostname } = props;
    return (
      <div class="levers">
        <button
          type="button"
          aria-label={`Visit ${hostname} as a stranger`}
          onClick={() => void props.visit(hostname)}
        >
          Visit as a stranger
        </button>
        <button
          type="button"
          aria-label={`Visit ${hostname} as ${first}`}
          onClick={() => void props.visit(hostname, state.as)}
        >
          Visit as {props.first}
        </button>
      </div>
    );
  }
}

function History({ host }: { host: PageHost }) {
  const names = useNames();
  const last = host.events.at(-1);
  return (
    <>
      {host.hole && (
        <p class="hole" role="alert">
          A stranger could have reached the service at {timeOf(new Date(host.hole.at), names)}:{" "}
          {host.hole.what}
        </p>
      )}
      {last && (
        <details class="history">
          <summary>
            <span>{last.what}</span> <time dateTime={last.at}>{timeOf(new Date(last.at), names)}</time>
          </summary>
          <ol aria-label={`History of ${host.hostname}`}>
            {host.events.map((event, index) => (
              <li key={index}>
                <time dateTime={event.at}>{timeOf(new Date(event.at), names)}</time> {event.what}
                {event.detail && <small>{event.detail}</small>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}
