// A project's log, written by hand, and a reader that keeps its cursor as the store does.
import type { LogWriting } from "../../sandbox/contract.ts";
import type { WorkerPoolRef } from "../../src/domain/worker-pool.ts";
import { type ConnectorLogsOptions, createConnectorLogs } from "../../src/services/connector-logs.ts";
import type { LogCursor } from "../../src/services/log-cursor.ts";
import type { GoogleWorld } from "../sandbox/google-world.ts";

export const PROJECT = "lakeside-prod";
export const POOL: WorkerPoolRef = { project: PROJECT, region: "asia-northeast1", name: "cloudflared" };

const BASE = Date.UTC(2026, 10, 24, 6, 0, 0);

export const at = (second: number) => new Date(BASE + second * 1000);

export function logBench(world: GoogleWorld) {
  function logs(change: Partial<ConnectorLogsOptions> = {}) {
    return createConnectorLogs({ clients: world.clients, pools: [POOL], timeoutMs: 5_000, ...change });
  }

  function write(message: string, second: number, writing: LogWriting = {}, pool = POOL): void {
    const { project, region, name: workerPool } = pool;
    const line = JSON.stringify({ level: "info", message, time: at(second).toISOString() });
    world.google.writeLog({ project, region, workerPool, instance: "one" }, line, writing);
  }

  /** Reads once, and hands the cursor on as it would be stored. */
  function reader(change: Partial<ConnectorLogsOptions> = {}) {
    let service = logs(change);
    let stored: string | null = null;
    return {
      async read(now: Date): Promise<string[]> {
        const cursor = stored === null ? null : (JSON.parse(stored) as LogCursor);
        const reading = await service.read(PROJECT, cursor, now);
        stored = JSON.stringify(reading.cursor);
        return reading.facts.map(({ message }) => message);
      },
      close: () => service.close(),
      restart() {
        service.close();
        service = logs(change);
      },
      size: () => stored?.length ?? 0,
    };
  }

  return { logs, write, reader };
}
