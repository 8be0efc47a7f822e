// A warning that would come several times a second while the store is away is written once a minute, with how many were not.
import type { Logger } from "pino";

const EVERY_MS = 60_000;

/** Told apart by message and by the kind of error. `now`: milliseconds that only rise. */
export function warnSeldom(log: Logger, now = () => performance.now()) {
  const told = new Map<string, { at: number; unsaid: number }>();
  return (err: unknown, message: string): void => {
    const key = `${kindOf(err)} ${message}`;
    const last = told.get(key);
    if (last && now() - last.at < EVERY_MS) {
      last.unsaid += 1;
      return;
    }
    told.set(key, { at: now(), unsaid: 0 });
    log.warn(last && last.unsaid > 0 ? { err, unsaid: last.unsaid } : { err }, message);
  };
}

/** A code where there is one: messages may name a moment or an address, and would be without number. */
function kindOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(code ?? name);
}
