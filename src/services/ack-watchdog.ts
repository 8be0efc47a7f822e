// Slack waits 3 s for the answer to a command, a click or a form, and nobody else keeps that time: Bolt acks neither
// what no listener matched nor what a listener threw on. This answers at 2.5 s, once per envelope, and keeps the time.
import type { Logger } from "pino";

/** What one envelope of Socket Mode carries, as the SDK hands it over. */
export type SlackEnvelope = {
  envelope_id: string;
  type: string;
  body: Record<string, unknown>;
  ack: (payload?: unknown) => Promise<void>;
};

/** Counts since the start. */
export type AckStats = {
  /** Answers that were sent, the watchdog's among them. */
  count: number;
  /** Answered by the watchdog, since no listener did. */
  unanswered: number;
  /** Answers of listeners that came after the watchdog's, or twice. They are not sent. */
  late: number;
  /** Answers that found their socket gone. Slack sends events again, nothing else. */
  lost: number;
};

export type AckWatchdogOptions = {
  log: Logger;
  /** Default 2,500: Slack gives up at 3,000. */
  withinMs?: number;
  /** Told how many milliseconds each answer took. */
  onAck?: (ms: number) => void;
};

export type AckWatchdog = {
  /** The envelope with an ack that sends once, never twice, and never throws; the clock starts now. */
  guard(envelope: SlackEnvelope): SlackEnvelope;
  stats(): AckStats;
};

/** What a person reads when nobody answered in time. */
export const UNCONFIRMED =
  "Drawbridge could not confirm this in time. Please look at the card before you try again.";

const RESPOND_TIMEOUT_MS = 2500;

export function createAckWatchdog(options: AckWatchdogOptions): AckWatchdog {
  const { log, withinMs = 2500 } = options;
  const counts = { count: 0, unanswered: 0, late: 0, lost: 0 };

  async function send(envelope: SlackEnvelope, began: number, payload: unknown): Promise<void> {
    const ms = performance.now() - began;
    try {
      await envelope.ack(payload);
      counts.count += 1;
      options.onAck?.(ms);
    } catch (error) {
      counts.lost += 1;
      log.warn({ err: error, envelopeType: envelope.type, ms }, "answer to Slack lost: its socket was gone");
    }
  }

  return {
    guard(given) {
      const envelope = { ...given, body: recordOf(given.body) };
      const began = performance.now();
      const answered = once(() => clearTimeout(timer));
      const timer = !WATCHED.has(envelope.type)
        ? undefined
        : setTimeout(() => {
            if (!answered()) return;
            counts.unanswered += 1;
            log.error({ ...describe(envelope), withinMs }, "no listener answered Slack in time");
            void answerInstead(options, envelope, (payload) => send(envelope, began, payload));
          }, withinMs);
      return {
        ...envelope,
        async ack(payload) {
          if (answered()) return send(envelope, began, payload);
          counts.late += 1;
          log.warn(
            { ...describe(envelope), ms: performance.now() - began },
            "a second or late answer was kept back",
          );
        },
      };
    },
    stats: () => ({ ...counts }),
  };
}

/** True for the first caller only. */
function once(first: () => void): () => boolean {
  let done = false;
  return () => {
    if (done) return false;
    done = true;
    first();
    return true;
  };
}

async function answerInstead(
  options: AckWatchdogOptions,
  envelope: SlackEnvelope,
  send: (payload: unknown) => Promise<void>,
): Promise<void> {
  await send(timeoutAnswer(envelope));
  const url = responseUrlOf(envelope);
  if (url === null) return;
  await tell(url).catch((err) => options.log.warn({ err }, "could not tell the person"));
}

// Events are acked by Bolt before any listener runs, and sent again when that fails.
const WATCHED = new Set(["slash_commands", "interactive"]);

/** What each kind of payload takes as an answer. https://docs.slack.dev/interactivity/handling-user-interaction */
function timeoutAnswer(envelope: SlackEnvelope): unknown {
  if (envelope.type === "slash_commands") return { response_type: "ephemeral", text: UNCONFIRMED };
  if (envelope.body.type === "view_submission") return formAnswer(envelope.body.view);
  if (envelope.body.type === "block_suggestion") return { options: [] };
  return {};
}

/** An empty answer would close the form as if all were well. An error at its first field keeps what was entered. */
function formAnswer(view: unknown): unknown {
  const { blocks, title } = recordOf(view);
  const input = recordsIn(blocks).find(
    (block) => block.type === "input" && typeof block.block_id === "string",
  );
  if (input) return { response_action: "errors", errors: { [String(input.block_id)]: UNCONFIRMED } };
  const explanation = { type: "section", text: { type: "plain_text", text: UNCONFIRMED } };
  return {
    response_action: "update",
    view: {
      type: "modal",
      title: title ?? { type: "plain_text", text: "Drawbridge" },
      blocks: [explanation],
    },
  };
}

/** A click's own answer cannot carry text; its response URL can. A command was told by the ack itself. */
function responseUrlOf(envelope: SlackEnvelope): string | null {
  if (envelope.type !== "interactive") return null;
  return typeof envelope.body.response_url === "string" ? envelope.body.response_url : null;
}

async function tell(url: string): Promise<void> {
  const answer = { response_type: "ephemeral", replace_original: false, text: UNCONFIRMED };
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(RESPOND_TIMEOUT_MS);
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(answer), signal });
  if (!response.ok) throw new Error(`the response URL answered ${response.status}`);
}

/** What was asked, without anything that people typed. */
function describe({ type, body }: SlackEnvelope): Record<string, unknown> {
  const actions = recordsIn(body.actions);
  const view = recordOf(body.view);
  return {
    envelopeType: type,
    payloadType: body.type,
    command: body.command,
    actionIds: actions.length > 0 ? actions.map((action) => action.action_id) : body.action_id,
    callbackId: view.callback_id ?? body.callback_id,
  };
}

/** A payload may hold anything; what throws in a timer ends the process. */
function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}
