// Takes what comes over a registered connection: configuration versions, requests, and the sandbox's time.
import { refuseAsConnector } from "../cloudflare/ingress.ts";
import { EDGE_LINES, ORIGIN_LINES, originError } from "./lines.ts";
import type { EdgeLink } from "./link.ts";
import type { Log } from "./log.ts";
import type { ProcessState } from "./process-state.ts";
import type { FromEdge, Request } from "./wire.ts";

export function createOrchestrator(state: ProcessState, log: Log, clock: { offsetMs: number }) {
  function configure(version: number, config: Record<string, unknown>, link: EdgeLink): void {
    // As cloudflared does: what it has already is answered with what it runs.
    if (version <= state.configVersion) {
      link.send({ kind: "applied", version: state.configVersion, refused: false });
      return;
    }
    const because = refuseAsConnector(config);
    if (because) {
      log(EDGE_LINES["config-refused"](version, config, because));
    } else {
      Object.assign(state, { configVersion: version, config });
      log(EDGE_LINES["config-updated"](version, config));
    }
    link.send({ kind: "applied", version, refused: because !== null });
  }

  function serve(request: Request, index: number): void {
    state.requests.set(request.status, (state.requests.get(request.status) ?? 0) + 1);
    if (!request.failure) return;
    state.requestErrors += 1;
    const error = originError(request.failure, request.service);
    log(ORIGIN_LINES.origin(index, request.rule, request.service, error));
    const live = state.live.get(index);
    if (!live) return;
    // A second copy of the same, which knows the visitor's address over QUIC and nothing over HTTP/2.
    if (live.protocol === "http2") log(EDGE_LINES["h2-serve-req"](`Failed to proxy HTTP: ${error}`));
    else {
      const dest = `https://${request.hostname}${request.path}`;
      log(ORIGIN_LINES["origin-quic-echo"]({ index, ip: live.ip }, dest, error));
    }
  }

  return (message: FromEdge, index: number, link: EdgeLink): void => {
    if (message.kind === "configuration") configure(message.version, message.config, link);
    else if (message.kind === "request") serve(message.request, index);
    else if (message.kind === "clock") clock.offsetMs = message.offsetMs;
  };
}
