// The policy file's part on a tunnel's connectors: where they run, and how the bot can see them. All of it is optional.
import { z } from "zod";
import type { Policy, TunnelPolicy } from "./domain/policy.ts";

const workerPool = z
  .string()
  .regex(/^[a-z][a-z0-9.:-]{4,40}\/[a-z]+-[a-z]+\d{1,2}\/[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/, {
    error: "is not a worker pool such as project/asia-northeast1/cloudflared",
  })
  .transform((text) => {
    const [project = "", region = "", name = ""] = text.split("/");
    return { project, region, name };
  });

/** Names are refused: whoever answers for one could lead the bot anywhere. Loopback is a cloudflared in the same pool. */
const metricsAddress = z.string().refine(isPrivateAddress, {
  error:
    "is not the address of a connector's metrics such as http://10.0.0.5:2000: a private address is expected",
});

const logView = z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/buckets\/[^/]+\/views\/[^/]+$/, {
  error: "is not a log view such as projects/P/locations/global/buckets/_Default/views/V",
});

export const Connectors = z
  .strictObject({
    workerPool: workerPool.optional(),
    metrics: z.array(metricsAddress).max(25).default([]),
    others: z.boolean().default(false),
  })
  .optional();

export const Visits = z
  .strictObject({ serviceToken: z.uuid({ error: "is not the id of an Access service token" }).toLowerCase() })
  .optional();

export const googleLogs = { logViews: z.array(logView).default([]), tailLogs: z.boolean().default(false) };

export function toConnectors(file: z.output<typeof Connectors>): TunnelPolicy["connectors"] {
  if (!file) return null;
  const metrics = file.metrics.map((address) => new URL(address).origin);
  return { workerPool: file.workerPool ?? null, metrics: [...new Set(metrics)], others: file.others };
}

export function toLogs(google: { logViews: string[]; tailLogs: boolean }): Policy["logs"] {
  const views = google.logViews.map((view) => [view.split("/")[1], view]);
  return { views: Object.fromEntries(views), tail: google.tailLogs };
}

function isPrivateAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:" || url.port === "") return false;
  if (url.pathname !== "/" || url.search !== "" || url.username !== "" || url.password !== "") return false;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|127\.)[\d.]+$/.test(url.hostname);
}
