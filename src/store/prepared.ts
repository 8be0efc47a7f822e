// Connections to Postgres that prepare what they send: planned anew each time, the statements behind a click take longer than
// what they do, those of the queue above all. One that falls silent is not used again.
import pg from "pg";

/** Were a text never the same twice, each would stay in the memory of every connection. */
const MOST = 500;
const REPEATED = /^\s*(select|insert|update|delete|with)\b/i;
/** Several in one text, as the queue's upkeep sends them, cannot be prepared. */
const SEVERAL = /;\s*\S/;
/** Once a newer version of the bot has added a column, Postgres refuses to carry out such a one again. */
const EVERY_COLUMN = /(select|returning) \*/;
/** pg-boss names its tables with their schema, and what those answer that the bot has it send hangs on no number of columns. */
const OF_THE_QUEUE = /\bpgboss\./;

const names = new Map<string, string>();

export class PreparingClient extends pg.Client {
  override query(...args: unknown[]): never {
    const [text, values, ...others] = args;
    const name = typeof text === "string" && Array.isArray(values) ? nameOf(text) : null;
    const asked: unknown = Reflect.apply(
      super.query,
      this,
      name ? [{ name, text, values }, ...others] : args,
    );
    // Whoever asks with a callback is the pool, which drops the connection after any error.
    if (asked instanceof Promise) asked.catch((error: unknown) => this.#endUnlessAnswered(error));
    return asked as never;
  }

  /** At its time limit pg rejects the query and keeps it as the one under way, so that each further one waits for its answer, and
   *  the pool hands the connection out again. Ended with a query under way, it is cut at once, and the pool lets go of it.
   *  https://github.com/brianc/node-postgres/blob/pg@8.23.1/packages/pg/lib/client.js */
  #endUnlessAnswered(error: unknown): void {
    if (!(error instanceof pg.DatabaseError)) void this.end();
  }
}

/** Null for what is not worth it, or cannot be prepared. */
function nameOf(text: string): string | null {
  const known = names.get(text);
  if (known) return known;
  if (names.size >= MOST || !REPEATED.test(text) || SEVERAL.test(text)) return null;
  if (EVERY_COLUMN.test(text) && !OF_THE_QUEUE.test(text)) return null;
  const name = `drawbridge_${names.size}`;
  names.set(text, name);
  return name;
}
