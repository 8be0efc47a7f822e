// Blocks that tell how something stands: alert, plan and task card.
import { Link, TextObject, withEmoji } from "./mrkdwn.tsx";
import { RichText } from "./rich-text.tsx";
import { type Block, type Task, textOf } from "./types.ts";

const LEVELS: Record<string, string> = { info: "ℹ", warning: "⚠", error: "✕", success: "✓", default: "ℹ" };
const STATUS: Record<string, { mark: string; words: string }> = {
  pending: { mark: "", words: "pending" },
  in_progress: { mark: "", words: "in progress" },
  complete: { mark: "✓", words: "complete" },
  error: { mark: "!", words: "failed" },
};

export function Alert({ block }: { block: Block }) {
  const level = block.level ?? "default";
  return (
    <div class={`block-alert ${level}`} role={level === "error" ? "alert" : "note"}>
      <span aria-hidden="true">{LEVELS[level] ?? "ℹ"}</span>
      <TextObject text={typeof block.text === "object" ? block.text : undefined} />
    </div>
  );
}

export function Plan({ block }: { block: Block }) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((task) => task.status === "complete").length;
  return (
    <section class="block-plan" aria-label={textOf(block.title) || "Plan"}>
      <header>
        <b>{withEmoji(textOf(block.title))}</b>
        <span>
          {done} of {tasks.length}
        </span>
      </header>
      <ol>
        {tasks.map((task, index) => (
          <li key={task.task_id ?? index}>
            <TaskLine task={task} />
          </li>
        ))}
      </ol>
    </section>
  );
}

export function TaskCard({ task }: { task: Task }) {
  return (
    <div class="block-task">
      <TaskLine task={task} />
    </div>
  );
}

function TaskLine({ task }: { task: Task }) {
  const status = STATUS[task.status ?? "pending"] ?? { mark: "", words: task.status ?? "" };
  return (
    <>
      <span class={`task-mark ${task.status ?? "pending"}`} role="img" aria-label={status.words}>
        {status.mark}
      </span>
      <div class="task-text">
        <span class={task.status === "pending" ? "task-title muted" : "task-title"}>
          {withEmoji(task.title ?? "")}
        </span>
        {task.details && <RichText block={task.details} />}
        {task.output && <RichText block={task.output} />}
        {task.sources && (
          <p>
            {task.sources.map((source, index) => (
              <span key={index}>
                <Link url={source.url}>{source.text}</Link>{" "}
              </span>
            ))}
          </p>
        )}
      </div>
    </>
  );
}
