// The tunnel's connectors: what runs, what cloudflared says, and the levers that break and heal it.
import type { TunnelFault } from "../../tunnel-faults.ts";
import { post } from "../api.ts";
import { useDesk } from "../desk.ts";
import type { PageConnectors, PageLogLine } from "../state.ts";

type Lever = { name: string; path: string; hint: string; body?: object };

const LEVERS: Lever[] = [
  {
    name: "Block QUIC",
    path: "block-quic",
    hint: "UDP 7844 is dropped, as on Cloud Run, and cloudflared was told to use QUIC",
  },
  { name: "Block port 7844", path: "block-7844", hint: "No way to Cloudflare's edge at all" },
  { name: "Use an old token", path: "bad-token", hint: "Somebody rotated the tunnel's secret" },
  {
    name: "Crash loop",
    path: "crash-loop",
    hint: "A liveness probe that ends each start before it is ready",
  },
  { name: "Drop a connection", path: "drop-one", hint: "One of eight, until you heal it" },
  {
    name: "Drop all",
    path: "drop-all",
    hint: "At once; they come back by themselves. Three times is flapping",
  },
  { name: "Rolling restart", path: "rolling-restart", hint: "Planned: no alert" },
  {
    name: "Lose Host header",
    path: "wrong-host",
    hint: "In every route: Google answers 404, and cloudflared's log has no error",
  },
  {
    name: "Delete the gate",
    path: "delete-application",
    hint: "The Access application of what was opened last",
  },
];

const MORE: Lever[] = [
  {
    name: "Block QUIC, fall back",
    path: "block-quic",
    body: { protocol: "auto" },
    hint: "With no protocol chosen: nine dials, then HTTP/2",
  },
  { name: "Break the edge’s DNS", path: "edge-dns", hint: "argotunnel.com does not resolve" },
  {
    name: "Misplace a flag",
    path: "misplaced-flag",
    hint: "tunnel run --metrics …: exit code 0",
  },
  { name: "Cut off the origins", path: "origin-down", hint: "Requests to Cloud Run time out" },
];

/** What is wrong until Heal, in the words of somebody who looks over your shoulder. */
const BROKEN: Partial<Record<TunnelFault, string>> = {
  "block-quic": "UDP 7844 is dropped, and this revision starts with QUIC.",
  "block-7844": "Neither UDP nor TCP 7844 gets out.",
  "bad-token": "This revision has the token from before the last rotation.",
  "crash-loop": "QUIC does not get out, and a strict probe ends each start before it can fall back.",
  "drop-one": "The edge does not take one connection back.",
  "wrong-host": "Every route lost its httpHostHeader.",
  "edge-dns": "The names of Cloudflare's edge do not resolve.",
  "misplaced-flag": "cloudflared refuses its own command line, with exit code 0.",
  "origin-down": "Requests to Cloud Run time out on the way.",
};

export function TunnelPart({ tunnel }: { tunnel: PageConnectors }) {
  const { perform } = useDesk();
  const press = ({ path, body = {} }: Lever) => void perform(post(`/cloudflared/${path}`, body));
  return (
    <>
      <Standing tunnel={tunnel} />
      {tunnel.fault && (
        <div class="broken" role="alert">
          <p>{BROKEN[tunnel.fault]}</p>
          <button type="button" class="heal" onClick={() => void perform(post("/cloudflared/heal", {}))}>
            Heal
          </button>
        </div>
      )}
      <Log lines={tunnel.lines} />
      <Levers levers={LEVERS} press={press} />
      <details class="more-levers">
        <summary>More ways to break it</summary>
        <Levers levers={MORE} press={press} />
      </details>
    </>
  );
}

function Levers({ levers, press }: { levers: Lever[]; press(lever: Lever): void }) {
  return (
    <div class="levers paired">
      {levers.map((lever) => (
        <button key={lever.name} type="button" title={lever.hint} onClick={() => press(lever)}>
          {lever.name}
        </button>
      ))}
    </div>
  );
}

function Standing({ tunnel }: { tunnel: PageConnectors }) {
  const all = tunnel.instances.flatMap(({ connections }) => connections);
  const up = all.filter((place) => place !== null).length;
  const standing = up === 0 ? "down" : up < all.length ? "degraded" : "healthy";
  return (
    <section class="connectors" aria-label={`Connectors of ${tunnel.name}`}>
      <p>
        <b>{tunnel.name}</b>
        <span class={`standing ${standing}`} role="status" aria-label="Tunnel">
          {standing}, {up} of {all.length} up
        </span>
      </p>
      {tunnel.instances.map((instance, at) => (
        <div class="instance" key={instance.metrics}>
          <span class="instance-name">connector {at + 1}</span>
          <span class="connections">
            {instance.connections.map((place, index) => (
              <span
                key={index}
                class={place ? "connection up" : "connection"}
                title={place ? `connection ${index} ends in ${place}` : `connection ${index} is down`}
              >
                {place ?? "–"}
              </span>
            ))}
          </span>
          <small>{instanceWords(instance)}</small>
        </div>
      ))}
      <small class="muted">
        {tunnel.revision}, protocol {tunnel.protocol}
      </small>
    </section>
  );
}

function instanceWords({ running, restarts, lastExit }: PageConnectors["instances"][number]): string {
  const again = restarts > 0 ? `${restarts} restart${restarts > 1 ? "s" : ""}` : "";
  const ended = lastExit ? `ended with ${lastExit}` : "ended";
  return running ? again : [ended, again].filter(Boolean).join(", ");
}

/** The newest lines last, as in a terminal. */
function Log({ lines }: { lines: PageLogLine[] }) {
  return (
    <ol class="terminal" aria-label="cloudflared’s log">
      {lines.map((line, index) => (
        <li
          key={index}
          class={`level-${line.level}`}
          title={[line.message, line.error].filter(Boolean).join(": ")}
        >
          <span class="terminal-instance">{line.instance + 1}</span>
          {line.message}
          {line.error && <em> {line.error}</em>}
        </li>
      ))}
    </ol>
  );
}
