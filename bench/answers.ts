// Figure: how long people wait for an answer in Slack, beside a bare Bolt app on the same emulator in the same run.
import { setTimeout as pause } from "node:timers/promises";
import { startBot } from "../sandbox/bot.ts";
import type { JournalEntry } from "../sandbox/contract.ts";
import { actions, buttonValue } from "../src/views/ids.ts";
import { type Asked, addPending } from "./exposures.ts";
import { type Figure, type Measure, quantile, spread } from "./figure.ts";
import { onStage, type Stage } from "./stage.ts";

/** Two have to approve it: a first approval changes its card, and opens nothing. */
const SERVICE = "payroll-admin";
const WARM_UP = 20;
const AIM = { most: 1.5 };

type Answers = { open: number[]; filled: number[]; acked: number[]; clicked: number[] };

/** `slackMs` is how long Slack itself takes for each call: a person far away from it waits for that too. */
export function answers(times: number, slackMs: number): Figure {
  const name = slackMs === 0 ? "answers" : "answers-far";
  return {
    name,
    run: (bench) =>
      onStage(bench, {}, async (stage) => {
        if (slackMs > 0) slowDown(stage, slackMs);
        const cards = await addPending(stage, (times + WARM_UP) * 3, SERVICE);
        const take = () => measure(stage, cards.splice(0, times + WARM_UP), times);
        const bare = await withBare(stage, {}, take);
        const keeping = await withBare(stage, { DATABASE_URL: stage.databaseUrl }, take);
        await stage.startBot();
        const bot = await take();
        const where = slackMs === 0 ? "Slack answers at once" : `Slack takes ${slackMs} ms for each call`;
        return [
          ...compared(`/expose to modal open (${where})`, bot.open, bare.open),
          ...spread("… to the form filled", bot.filled),
          ...spread("click to ack: what was decided is stored", bot.acked),
          ...compared(`click to card updated (${where})`, bot.clicked, bare.clicked),
          ...spread("… bare Bolt that keeps one row, and draws by a job", keeping.clicked),
        ];
      }),
  };
}

function compared(what: string, bot: number[], bare: number[]): Measure[] {
  const ratio = quantile(bot, 0.95) / quantile(bare, 0.95);
  return [
    ...spread(what, bot),
    ...spread("… bare Bolt", bare),
    { what: "… p95 beside bare Bolt", value: ratio, unit: "times", aim: AIM },
  ];
}

function slowDown({ sandbox }: Stage, ms: number): void {
  sandbox.shared.faults.add({ vendor: "slack", path: "^/api/", times: 0, effect: { kind: "delay", ms } });
}

async function withBare<T>(
  { sandbox }: Stage,
  env: Record<string, string>,
  act: () => Promise<T>,
): Promise<T> {
  const connected = Promise.withResolvers<void>();
  const bare = startBot({
    env: { ...sandbox.env, ...env },
    logFile: `${sandbox.dataDir}/bare.log`,
    command: [process.execPath, "bench/bare-bolt.ts"],
    onLine: (line) => line === "connected" && connected.resolve(),
  });
  try {
    await connected.promise;
    return await act();
  } finally {
    await bare.stop();
  }
}

async function measure(stage: Stage, cards: Asked[], times: number): Promise<Answers> {
  const answers: Answers = { open: [], filled: [], acked: [], clicked: [] };
  for (const card of cards) {
    const [open, filled] = await askForForm(stage);
    answers.open.push(open);
    answers.filled.push(filled);
    const [acked, clicked] = await click(stage, card);
    answers.acked.push(acked);
    answers.clicked.push(clicked);
    // As people do it, and so that what one click leaves to do is not paid by the next.
    await pause(20);
  }
  const [open, filled, acked, clicked] = [answers.open, answers.filled, answers.acked, answers.clicked].map(
    (taken) => taken.slice(-times),
  );
  return { open: open ?? [], filled: filled ?? [], acked: acked ?? [], clicked: clicked ?? [] };
}

async function askForForm({ sandbox }: Stage): Promise<[number, number]> {
  const { slack } = sandbox;
  const opened = next(sandbox, ({ path }) => path === "/api/views.open");
  const filled = next(sandbox, ({ path }) => path === "/api/views.update");
  const began = performance.now();
  await slack.command("U0ASHA", "C0GENERAL", "/expose", "");
  const times: [number, number] = [(await opened) - began, (await filled) - began];
  for (const view of slack.modals("U0ASHA").reverse()) await slack.closeView("U0ASHA", view.id);
  return times;
}

async function click({ sandbox }: Stage, { id, digest, ts }: Asked): Promise<[number, number]> {
  const updated = next(sandbox, ({ path, body }) => {
    return path === "/api/chat.update" && (body as { ts?: string }).ts === ts;
  });
  const began = performance.now();
  const action = { actionId: actions.approve, value: buttonValue(id, digest) };
  await sandbox.slack.act("U0LEE", { channel: "C0APPROVALS", ts }, action);
  return [performance.now() - began, (await updated) - began];
}

const LONGEST_MS = 10_000;

/** When the first call that fits has taken effect. */
function next({ shared }: Stage["sandbox"], fits: (entry: JournalEntry) => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer came")), LONGEST_MS);
    const stop = shared.journal.onWrite((entry) => {
      if (entry.vendor !== "slack" || !fits(entry)) return;
      clearTimeout(timer);
      stop();
      resolve(performance.now());
    });
  });
}
