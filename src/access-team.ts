// The Access team's name, as Cloudflare last told it. Who owns the account may change it: log-ins are the new team's from then
// on, and the second lock of a route that names the old one lets nobody in.
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Access } from "./services/access.ts";
import { isServiceFailure, ServiceFailure } from "./services/failure.ts";

export type AccessTeam = ReturnType<typeof createAccessTeam>;

export function createAccessTeam(log: Logger) {
  let known: string | null = null;

  function learn(name: string): void {
    if (known !== null && known !== name)
      log.warn({ before: known, now: name }, "the Access team has another name: what is open is routed anew");
    known = name;
  }

  return {
    learn,
    /** Null until it was told. */
    known: (): string | null => known,
    /** Throws a ServiceFailure that may pass while it is not known. */
    name: (): string => known ?? notYetKnown(),
    /** Asks for it over and over. Where Cloudflare does not answer, the name stays. Rejects when `signal` is aborted. */
    async follow({ organization }: Pick<Access, "organization">, everyMs: number, signal: AbortSignal) {
      for (;;) {
        await pause(everyMs, undefined, { signal });
        const [asked] = await Promise.allSettled([organization()]);
        if (asked.status === "fulfilled") learn(asked.value.team);
        else if (!isServiceFailure(asked.reason)) throw asked.reason;
      }
    },
  };
}

function notYetKnown(): never {
  const message = "Cloudflare has not yet told the name of the Access team. It is asked again by itself.";
  throw new ServiceFailure({
    kind: "retry",
    vendor: "cloudflare",
    operation: "access.organizations.get",
    message,
  });
}
