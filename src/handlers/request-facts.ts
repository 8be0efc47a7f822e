// Everything that has to be looked up to judge a request, all at once and each with a time limit: Slack waits three
// seconds for the answer. What could not be looked up is a problem of its own, and the form stays open.
import type { MessageRef } from "../domain/exposure.ts";
import { checkHostname } from "../domain/hostname.ts";
import { isWatched, requestersOf, tunnelFor, whyMayNotAsk, zonesFor } from "../domain/policy.ts";
import type { FieldProblem, Refusal } from "../domain/refusal.ts";
import type { RequestFacts, RequestForm } from "../domain/request.ts";
import { parseServiceKey, type ServiceRef, serviceKey } from "../domain/service.ts";
import { type FailureVendor, orMissing, orNothing, ServiceFailure } from "../services/failure.ts";
import { inTime } from "../time-limit.ts";
import { approverIds } from "./approver-ids.ts";
import { toldOf } from "./failed-look-up.ts";
import { recently } from "./offered.ts";
import { identify, membershipOf } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

const LIMIT_MS = 1_500;

export async function gatherFacts(
  tools: HandlerTools,
  userId: string,
  form: RequestForm,
): Promise<RequestFacts> {
  const failed: FieldProblem[] = [];
  const guard = guardInto(tools, failed);
  const chosen = parseServiceKey(form.serviceKey ?? "");
  const ref = chosen && isWatched(tools.policy, chosen) ? chosen : null;
  const [service, asking, picked, approvers, taken, duplicate, applications, frozen] = await Promise.all([
    ref ? guard("service", "google", orMissing(tools.cloudRun.describe(ref)), null) : null,
    ref ? guard("service", "slack", askingRight(tools, userId, ref), null) : null,
    guard("audience", "slack", Promise.all(form.people.map((id) => pick(tools, id))), []),
    ref
      ? guard("form", "slack", countApprovers(tools, userId, ref), Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY,
    ref ? guard("hostname", "cloudflare", findTaken(tools, form, ref), null) : null,
    ref ? findDuplicate(tools, userId, ref) : null,
    // Converge finds out for certain; a slow answer must not keep anybody from asking.
    orNothing(within("cloudflare", tools.surroundings.applications())),
    tools.guards.isOn("openings-frozen"),
  ]);
  return { service, whyMayNotAsk: asking, picked, approvers, taken, duplicate, applications, frozen, failed };
}

function guardInto(tools: HandlerTools, failed: FieldProblem[]) {
  return async <T>(
    field: FieldProblem["field"],
    asked: FailureVendor,
    looking: Promise<T>,
    otherwise: T,
  ): Promise<T> => {
    try {
      return await within(asked, looking);
    } catch (error) {
      failed.push({ field, problem: "vendor", text: toldOf(tools, error) });
      return otherwise;
    }
  };
}

async function within<T>(vendor: FailureVendor, looking: Promise<T>): Promise<T> {
  return await inTime(looking, LIMIT_MS, () => {
    const message = "This could not be checked in time. Please send the form again.";
    throw new ServiceFailure({ kind: "retry", vendor, operation: "request check", message });
  });
}

async function askingRight(tools: HandlerTools, userId: string, ref: ServiceRef): Promise<Refusal | null> {
  const { groups, failure } = await membershipOf(tools, userId, requestersOf(tools.policy, ref));
  const right = whyMayNotAsk(tools.policy, ref, { slackId: userId, email: "" }, groups);
  if (right && failure) throw failure;
  return right;
}

async function pick(tools: HandlerTools, slackId: string): Promise<RequestFacts["picked"][number]> {
  const { person, refusal } = await identify(recently(tools), slackId);
  if (refusal?.because === "not-a-member") return { slackId, email: null, why: refusal.why };
  if (!refusal) return { slackId, email: person.email, why: null };
  const message = "Slack did not say who the people picked are. Please send the form again.";
  throw new ServiceFailure({ kind: "retry", vendor: "slack", operation: "users.info", message });
}

async function countApprovers(tools: HandlerTools, userId: string, ref: ServiceRef): Promise<number> {
  return (await approverIds(tools, ref)).filter((id) => id !== userId).length;
}

async function findTaken(
  tools: HandlerTools,
  form: RequestForm,
  ref: ServiceRef,
): Promise<RequestFacts["taken"]> {
  const rules = { zones: zonesFor(tools.policy, ref), reserved: tools.policy.reservedLabels };
  const checked = checkHostname(form.hostname, form.zone, rules);
  if (!checked.ok) return null;
  const living = await tools.exposures.liveAt(checked.hostname);
  if (living) return { by: "exposure", link: await linkTo(tools, living.card) };
  const tunnel = tunnelFor(tools.policy, ref, checked.zone);
  const by = tunnel ? await tools.surroundings.takenBy(checked.hostname, tunnel.id) : null;
  return by && { by, link: null };
}

async function findDuplicate(
  tools: HandlerTools,
  userId: string,
  ref: ServiceRef,
): Promise<{ link: string | null } | null> {
  const living = await tools.exposures.sameRequest(userId, serviceKey(ref));
  return living ? { link: await linkTo(tools, living.card) } : null;
}

/** Where the card is; null where it cannot be told in time. */
async function linkTo(tools: HandlerTools, card: MessageRef | null): Promise<string | null> {
  return card ? await orNothing(within("slack", tools.slack.permalink(card))) : null;
}
