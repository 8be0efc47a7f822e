// Figures in Prometheus' format for `/metrics`. Counters are kept as things happen; what the store knows is read at each
// scrape. Labels come from closed sets and from the policy's tunnels: no hostname, no person, no secret.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { SEVERITIES } from "./domain/diagnosis/facts.ts";
import type { VisitVerdict } from "./domain/observed.ts";
import type { TunnelState } from "./domain/tunnel-health.ts";
import type { Standing } from "./domain/tunnel-overview.ts";
import type { ApiCall } from "./services/observing.ts";
import type { SlackHealth, SlackStats } from "./services/slack-connection.ts";
import type { Figures } from "./store/figures.ts";

export type Snapshot = {
  figures: Figures;
  tunnels: Standing[];
  slack: SlackHealth & SlackStats;
  /** Calls that Cloudflare's limit leaves; null before it said so. */
  callsLeft: number | null;
};

export type Metrics = {
  call(call: ApiCall): void;
  /** Milliseconds from a payload's arrival to its answer. */
  ack(ms: number): void;
  text(snapshot: Snapshot): Promise<string>;
};

const STATES: readonly TunnelState[] = ["up", "degraded", "down", "unknown"];
const VISIT_OUTCOMES: readonly VisitVerdict["kind"][] = ["stopped", "reached", "not-routed", "inconclusive"];
/** Slack gives up after three seconds. */
const ACK_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const calls = new Counter({
    name: "drawbridge_api_calls_total",
    help: "Calls to a vendor by how they ended; for vendor edge: visits by what they showed.",
    labelNames: ["vendor", "operation", "outcome"],
    registers,
  });
  // A series that begins with its first event has not increased by it: the alert on strangers would miss the first.
  for (const outcome of VISIT_OUTCOMES) calls.inc({ vendor: "edge", operation: "visit", outcome }, 0);
  const callSeconds = new Histogram({
    name: "drawbridge_api_call_seconds",
    help: "How long calls to a vendor took.",
    labelNames: ["vendor"],
    buckets: CALL_SECONDS,
    registers,
  });
  const acks = new Histogram({
    name: "drawbridge_slack_ack_seconds",
    help: "From the arrival of a Slack payload to its answer; Slack gives up after 3 s.",
    buckets: ACK_SECONDS,
    registers,
  });
  const show = createGauges(registers);
  return {
    call({ vendor, operation, outcome, ms }) {
      calls.inc({ vendor, operation, outcome });
      callSeconds.observe({ vendor }, ms / 1000);
    },
    ack: (ms) => acks.observe(ms / 1000),
    async text(snapshot) {
      show(snapshot);
      return await registry.metrics();
    },
  };
}

function createGauges(registers: Registry[]): (snapshot: Snapshot) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `drawbridge_${name}`, help, labelNames, registers });
  const showTunnels = createTunnelGauges(gauge);
  const showSlack = createSlackFigures(gauge, registers);
  const exposures = gauge("exposures", "Live exposures by phase.", ["phase"]);
  const incidents = gauge("incidents_open", "Open incidents by severity.", ["severity"]);
  const due = gauge("oldest_due_seconds", "For how long the oldest due thing of a kind has waited.", [
    "what",
  ]);
  const left = gauge("cloudflare_calls_left", "Calls left in Cloudflare's window, as last told.");
  return ({ figures, tunnels, slack, callsLeft }) => {
    for (const { phase, count } of figures.exposures) exposures.set({ phase }, count);
    for (const severity of SEVERITIES) incidents.set({ severity }, 0);
    for (const { severity, count } of figures.incidents) incidents.set({ severity }, count);
    for (const [what, seconds] of Object.entries(figures.oldestDue)) due.set({ what }, seconds);
    // A gauge that was never set shows 0, and nothing has been used up before Cloudflare has said anything.
    if (callsLeft === null) left.remove();
    else left.set(callsLeft);
    showTunnels(tunnels);
    showSlack(slack);
  };
}

type MakeGauge = (name: string, help: string, labelNames?: string[]) => Gauge;

function createTunnelGauges(gauge: MakeGauge): (tunnels: Standing[]) => void {
  const state = gauge("tunnel_state", "1 for the state that a tunnel is in.", ["tunnel", "state"]);
  const connectors = gauge("tunnel_connectors", "Running connectors of a tunnel.", ["tunnel"]);
  const connections = gauge("tunnel_connections", "Connections of a tunnel to Cloudflare's edge.", [
    "tunnel",
  ]);
  return (tunnels) => {
    for (const each of [state, connectors, connections]) each.reset();
    for (const { tunnelId: tunnel, ...health } of tunnels) {
      for (const each of STATES) state.set({ tunnel, state: each }, each === health.state ? 1 : 0);
      // What they were when a signal last answered says nothing of now.
      if (health.state === "unknown") continue;
      connectors.set({ tunnel }, health.connectors.length);
      const count = health.connectors.reduce((sum, { colos }) => sum + colos.length, 0);
      connections.set({ tunnel }, count);
    }
  };
}

function createSlackFigures(gauge: MakeGauge, registers: Registry[]): (slack: Snapshot["slack"]) => void {
  const sockets = gauge("slack_sockets", "Live Socket Mode connections of this process.");
  const inFlight = gauge("slack_in_flight", "Slack payloads being handled.");
  const unanswered = new Counter({
    name: "drawbridge_slack_unanswered",
    help: "Payloads that no listener answered in time, since the start.",
    registers,
  });
  const lost = new Counter({
    name: "drawbridge_slack_answers_lost",
    help: "Answers whose socket was gone, since the start.",
    registers,
  });
  return ({ liveSockets, inFlight: handling, acks }) => {
    sockets.set(liveSockets);
    inFlight.set(handling);
    // The connection keeps the counts.
    for (const each of [unanswered, lost]) each.reset();
    unanswered.inc(acks.unanswered);
    lost.inc(acks.lost);
  };
}
