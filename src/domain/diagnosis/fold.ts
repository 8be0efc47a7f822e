// One root cause per incident: what follows from another cause is folded into it, and the same cause in several
// processes of a tunnel is one.
import { together } from "./evidence.ts";
import { CAUSES, type Cause, isEdgeCause } from "./facts.ts";
import type { RunFinding } from "./judge-run.ts";

type Area = "edge" | "origin" | "advice";

const ORIGIN: readonly Cause[] = ["origin-dns", "origin-tls", "origin-refused", "origin-unreachable"];
/** With these, no request to an origin can succeed either. */
const EVERYTHING: readonly Cause[] = ["fd-limit", "edge-dns"];

function areaOf(cause: Cause): Area {
  if (isEdgeCause(cause)) return "edge";
  return ORIGIN.includes(cause) ? "origin" : "advice";
}

/** Within one process, or one chain of processes that replaced one another. */
export function rootsOf(findings: RunFinding[]): RunFinding[] {
  const edge = findings.filter(({ cause }) => areaOf(cause) === "edge");
  const root = edge.reduce<RunFinding | null>(
    (best, each) => (best && rank(best) <= rank(each) ? best : each),
    null,
  );
  const everything = root !== null && EVERYTHING.includes(root.cause) && !root.coping;
  return findings.filter((each) => {
    if (areaOf(each.cause) === "edge") return each === root;
    return areaOf(each.cause) === "advice" || !everything;
  });
}

/** A path to the edge that is only slow to find is no root of a real outage. */
function rank({ cause, coping }: RunFinding): number {
  return CAUSES.indexOf(cause) + (coping ? CAUSES.length : 0);
}

/** The same cause in several processes as one finding; it begins with the first and counts the newest process. */
export function merged(findings: RunFinding[]): RunFinding[] {
  const byCause = Map.groupBy(findings, (each) => `${each.cause} ${tunnelKey(each)}`);
  return [...byCause.values()].flatMap((same) => {
    const [first] = same;
    const last = same.at(-1);
    if (!first || !last) return [];
    return {
      ...first,
      run: last.run,
      tally: together(same.map(({ tally }) => tally)),
      backing: Math.max(...same.map(({ backing }) => backing)),
      down: last.down,
      coping: last.coping,
      counted: same.some(({ counted }) => counted),
      services: [...new Set(same.flatMap(({ services }) => services))],
    };
  });
}

/** A tunnel's connectors have one incident; a process that never got so far as to name its tunnel goes by its group. */
function tunnelKey({ run }: RunFinding): string {
  return run.tunnelId ?? run.group;
}
