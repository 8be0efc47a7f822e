// Judges everything that the doctor gathered. Pure: facts in, findings out, in the order in which a request travels.
import {
  judgeConnectors,
  judgeDenyUnmatched,
  judgeManaged,
  judgeRights,
  judgeToken,
  judgeVisit,
} from "./doctor-cloudflare.ts";
import type { DoctorFacts, SlackProblem } from "./doctor-facts.ts";
import {
  isOutside,
  judgeClock,
  judgeDatabase,
  judgeOrigin,
  judgeResolver,
  judgeService,
} from "./doctor-google.ts";
import { judgePool } from "./doctor-pool.ts";
import { type Finding, fail, judged, pass, warn } from "./finding.ts";

export function findingsOf(facts: DoctorFacts): Finding[] {
  return [
    ...judged("slack", null, facts.slack, slackFindings),
    ...judged("cloudflare-token", null, facts.token, (token) => judgeToken(token, facts.at)),
    judgeRights(facts.rights),
    ...judged("access-deny-unmatched", null, facts.denyUnmatched, judgeDenyUnmatched),
    ...(facts.visit ? judged("visit-token", null, facts.visit, judgeVisit) : []),
    ...facts.tunnels.flatMap((each) => tunnelFindings(each, facts.at)),
    ...serviceFindings(facts.services),
    ...networkFindings(facts),
    ...judged("database", null, facts.store, judgeDatabase),
    judgeClock(facts.clocks),
  ];
}

function slackFindings(problems: SlackProblem[]): Finding[] {
  if (problems.length === 0)
    return [
      pass("slack", null, "Both tokens, the scopes, the channels and the user groups are as they must be."),
    ];
  return problems.map(({ what, remedy, severity }) =>
    (severity === "error" ? fail : warn)("slack", null, what, remedy),
  );
}

function tunnelFindings(
  { id, tunnel, connectors, pool }: DoctorFacts["tunnels"][number],
  at: Date,
): Finding[] {
  const name = tunnel.ok ? tunnel.value.name : id;
  return [
    ...judged("tunnel-managed", name, tunnel, judgeManaged),
    ...judged("tunnel-connectors", name, connectors, (found) => judgeConnectors(name, found, at)),
    ...(pool === null
      ? [
          warn(
            "pool",
            name,
            "The policy does not say where its connectors run, so that their settings cannot be checked.",
            "Name the worker pool in the policy file, under tunnels: connectors.workerPool.",
          ),
        ]
      : judged("pool", name, pool, judgePool)),
  ];
}

function serviceFindings(services: DoctorFacts["services"]): Finding[] {
  if (services.length === 0) return [pass("service", null, "Nothing is exposed just now.")];
  return services.flatMap(({ key, service }) => judged("service", key, service, judgeService));
}

function networkFindings({ resolved, origin }: DoctorFacts): Finding[] {
  const outside = resolved?.ok === true && isOutside(resolved.value);
  const nothing = "No Cloud Run service with an address was found to ask for.";
  const remedy = "Check google.projects and google.regions in the policy file.";
  return [
    ...(resolved
      ? judged("private-dns", null, resolved, judgeResolver)
      : [warn("private-dns", null, nothing, remedy)]),
    ...(origin
      ? judged("origin", null, origin, (answer) => judgeOrigin(answer, outside))
      : [warn("origin", null, nothing, remedy)]),
  ];
}
