// What ends a one-off command from outside: Ctrl-C, `docker stop`, a job of Cloud Run that is cancelled or out of time.

/** At once, as without a handler: that is, but for the first process of a container, which takes no notice of a signal that it
 *  does not handle. https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#handling-kernel-signals */
export function endOnSignals(): void {
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGINT", () => process.exit(130));
}
