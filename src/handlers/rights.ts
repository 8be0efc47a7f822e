// Who somebody is and what they may do, looked up at the click. A look-up that fails refuses, unless another proves the
// right.
import { type Exposure, type Person, samePerson } from "../domain/exposure.ts";
import {
  type Circle,
  decidersOf,
  isIn,
  requestersOf,
  ruleFor,
  whyMayNotAsk,
  whyMayNotClose,
  whyMayNotDecide,
} from "../domain/policy.ts";
import type { LookedUp, Refusal } from "../domain/refusal.ts";
import { isServiceFailure, type ServiceFailure } from "../services/failure.ts";
import type { HandlerTools } from "./tools.ts";

type Asked = Pick<HandlerTools, "people" | "log">;
type Looked = Asked & Pick<HandlerTools, "policy">;

/** The person behind an account, with why they count for nothing here, if so. */
export async function identify(
  { people, log }: Asked,
  userId: string,
): Promise<{ person: Person; refusal: Refusal | null }> {
  try {
    const judged = await people.judge(userId);
    if (judged.ok) return { person: judged.person, refusal: null };
    return {
      person: { slackId: userId, email: "" },
      refusal: { because: "not-a-member", why: judged.because },
    };
  } catch (error) {
    if (!isServiceFailure(error)) throw error;
    log.warn({ err: error, userId }, "an account could not be looked up");
    return { person: { slackId: userId, email: "" }, refusal: lookupFailed("account", error) };
  }
}

/** The groups that the person is in right now, of those that could be looked up; `failure` where one could not, which is
 *  `unread` then. */
export type Membership = { groups: string[]; unread: string[]; failure: ServiceFailure | null };

/** Someone who is named needs no group. */
export async function membershipOf(
  { people, log }: Asked,
  userId: string,
  circle: Circle,
): Promise<Membership> {
  if (circle.people.includes(userId)) return { groups: [], unread: [], failure: null };
  const inside = await Promise.allSettled(circle.groups.map((group) => people.isMemberOf(userId, group)));
  const errors = inside.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  const failures = errors.filter(isServiceFailure);
  if (failures.length < errors.length) throw errors.find((each) => !isServiceFailure(each));
  for (const err of failures) log.warn({ err, userId }, "a user group could not be looked up");
  const groups = circle.groups.filter((_, index) => {
    const found = inside[index];
    return found?.status === "fulfilled" && found.value;
  });
  const unread = circle.groups.filter((_, index) => inside[index]?.status === "rejected");
  // One that may pass may yet prove the right.
  return { groups, unread, failure: failures.find(({ kind }) => kind === "retry") ?? failures[0] ?? null };
}

function lookupFailed(what: LookedUp, { kind }: ServiceFailure): Refusal {
  return { because: "lookup-failed", what, mayPass: kind === "retry" };
}

/** Who may freeze openings and close everything: the safe way, as in `rightToClose`. */
export const rightToEndAll = (tools: Ending, userId: string): Promise<Refusal | null> =>
  rightOfAdmin(ending(tools), userId);

/** Who may let openings go on, or send for the doctor. */
export async function rightOfAdmin(tools: Looked, userId: string): Promise<Refusal | null> {
  const { admins } = tools.policy;
  const [{ person, refusal }, { groups, failure }] = await Promise.all([
    identify(tools, userId),
    membershipOf(tools, userId, admins),
  ]);
  if (refusal) return refusal;
  if (isIn(admins, person, groups)) return null;
  return failure ? lookupFailed("admin-groups", failure) : { because: "not-an-admin" };
}

export type Right = { person: Person; right: Refusal | null };

export const rightToDecide = (tools: Looked, exposure: Exposure, userId: string): Promise<Right> =>
  rightTo(tools, exposure, userId, whyMayNotDecide);

/** Whoever asked must still be one who may ask: what is approved runs in their name. */
export const rightToApprove = (tools: Looked, exposure: Exposure, userId: string): Promise<Right> =>
  inTheNameOf(tools, exposure, rightToDecide(tools, exposure, userId));

/** The same who may close, admins aside. */
export const rightToExtend = (tools: Looked, exposure: Exposure, userId: string): Promise<Right> =>
  inTheNameOf(tools, exposure, rightTo(tools, exposure, userId, whyMayNotClose));

type Ending = Looked & Pick<HandlerTools, "enders">;

/** For what only ends something. */
export function ending<Tools extends Ending>(tools: Tools): Tools {
  return { ...tools, people: tools.enders };
}

/** `because`: as what they close it. */
export async function rightToClose(
  to: Ending,
  exposure: Exposure,
  userId: string,
): Promise<Right & { because: "requester" | "approver" | "admin" }> {
  const tools = ending(to);
  const own = await rightTo(tools, exposure, userId, whyMayNotClose);
  const because = samePerson(own.person, exposure.requester) ? "requester" : "approver";
  const isAdmin = own.right !== null && (await rightOfAdmin(tools, userId)) === null;
  return isAdmin ? { person: own.person, right: null, because: "admin" } : { ...own, because };
}

async function inTheNameOf(tools: Looked, exposure: Exposure, looking: Promise<Right>): Promise<Right> {
  const [{ person, right }, out] = await Promise.all([looking, whyRequesterIsOut(tools, exposure)]);
  return { person, right: right ?? out };
}

async function whyRequesterIsOut(tools: Looked, { requester, service }: Exposure): Promise<Refusal | null> {
  // Nobody else could ask for it either.
  if (!ruleFor(tools.policy, service)) return { because: "policy-forbids", what: "service" };
  const [{ refusal }, { groups, failure }] = await Promise.all([
    identify(tools, requester.slackId),
    membershipOf(tools, requester.slackId, requestersOf(tools.policy, service)),
  ]);
  if (refusal?.because === "lookup-failed") return { ...refusal, what: "requester" };
  if (refusal) return { because: "requester-out" };
  if (whyMayNotAsk(tools.policy, service, requester, groups) === null) return null;
  return failure ? lookupFailed("requester-groups", failure) : { because: "requester-out" };
}

async function rightTo(
  tools: Looked,
  exposure: Exposure,
  userId: string,
  whyMayNot: typeof whyMayNotDecide,
): Promise<Right> {
  const deciders = decidersOf(tools.policy, exposure.service);
  const [{ person, refusal }, { groups, failure }] = await Promise.all([
    identify(tools, userId),
    membershipOf(tools, userId, deciders),
  ]);
  if (refusal) return { person, right: refusal };
  const right = whyMayNot(tools.policy, exposure, person, groups);
  const unsure = right && ["not-an-approver", "not-yours", "policy-forbids"].includes(right.because);
  const looked = deciders.denyOnly ? "admin-groups" : "approver-groups";
  return { person, right: failure && unsure ? lookupFailed(looked, failure) : right };
}
