// The question to Cloud Logging: all pools of a project at once.
// https://cloud.google.com/logging/docs/view/logging-query-language
import { groupedBy } from "../domain/diagnosis/grouping.ts";
import type { WorkerPoolRef } from "../domain/worker-pool.ts";

/** `from` is an ISO time; without it the filter is good for tailing. */
export function poolsFilter(pools: WorkerPoolRef[], from: string | null): string {
  const places = [...groupedBy(pools, ({ region }) => region)].map(([region, here]) => {
    const names = here.map(({ name }) => `"${name}"`).join(" OR ");
    return `(resource.labels.location="${region}" AND resource.labels.worker_pool_name=(${names}))`;
  });
  const parts = [`resource.type="cloud_run_worker_pool"`, `(${places.join(" OR ")})`];
  return [...parts, ...(from === null ? [] : [`timestamp>="${from}"`])].join(" AND ");
}
