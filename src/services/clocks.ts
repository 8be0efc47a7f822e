// What time others have: each answer over HTTP carries its Date.
import { ServiceFailure } from "./failure.ts";

/** How far this machine is ahead of the server, as good as a second and the way there and back allow. */
export async function aheadOf(url: string, timeoutMs: number): Promise<number> {
  const asked = Date.now();
  const told = await dateOf(url, timeoutMs);
  const middle = (asked + Date.now()) / 2;
  // The header is cut to whole seconds.
  return Math.round(middle - (told + 500));
}

async function dateOf(url: string, timeoutMs: number): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: "HEAD", redirect: "manual", signal }).catch(
    (cause: unknown) => {
      throw untold(url, cause);
    },
  );
  const told = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(told)) throw untold(url, undefined);
  return told;
}

function untold(url: string, cause: unknown): ServiceFailure {
  const message = `${new URL(url).host} did not tell its time.`;
  return new ServiceFailure({ kind: "retry", vendor: "clock", operation: "http.date", message, cause });
}
