// Who somebody is and what they may do, looked up at the click. A look-up that fails refuses.
import type { Exposure, Person } from "../domain/exposure.ts";
import { approversOf, type Circle, isIn, mayClose, mayDecide } from "../domain/policy.ts";
import type { Refusal } from "../domain/refusal.ts";
import { isServiceFailure } from "../services/failure.ts";
import type { HandlerTools } from "./tools.ts";

type Looked = Pick<HandlerTools, "people" | "policy">;

/** The person behind an account, with why they count for nothing here, if so. */
export async function identify(
  { people }: Looked,
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
    return {
      person: { slackId: userId, email: "" },
      refusal: { because: "lookup-failed", what: "your account" },
    };
  }
}

/** Which of these user groups the person is in right now. Someone who is named needs no group. */
export async function groupsOf({ people }: Looked, userId: string, circle: Circle): Promise<string[]> {
  if (circle.people.includes(userId)) return [];
  const inside = await Promise.all(circle.groups.map((group) => people.isMemberOf(userId, group)));
  return circle.groups.filter((_, index) => inside[index]);
}

/** Who may freeze, close everything, or send for the doctor. */
export async function rightOfAdmin(tools: Looked, userId: string): Promise<Refusal | null> {
  const { admins } = tools.policy;
  try {
    const [{ person, refusal }, groups] = await Promise.all([
      identify(tools, userId),
      groupsOf(tools, userId, admins),
    ]);
    return refusal ?? (isIn(admins, person, groups) ? null : { because: "not-an-admin" });
  } catch (error) {
    if (!isServiceFailure(error)) throw error;
    return { because: "lookup-failed", what: "the admin groups" };
  }
}

export type Right = { person: Person; right: Refusal | null };

export const rightToDecide = (tools: Looked, exposure: Exposure, userId: string): Promise<Right> =>
  rightTo(tools, exposure, userId, mayDecide);

export const rightToClose = (tools: Looked, exposure: Exposure, userId: string): Promise<Right> =>
  rightTo(tools, exposure, userId, mayClose);

async function rightTo(
  tools: Looked,
  exposure: Exposure,
  userId: string,
  may: typeof mayDecide,
): Promise<Right> {
  const looking = groupsOf(tools, userId, approversOf(tools.policy, exposure.service)).catch(
    (error: unknown) => {
      if (!isServiceFailure(error)) throw error;
      return null;
    },
  );
  const [{ person, refusal }, groups] = await Promise.all([identify(tools, userId), looking]);
  if (refusal) return { person, right: refusal };
  const right = may(tools.policy, exposure, person, groups ?? []);
  const unsure = groups === null && (right?.because === "not-an-approver" || right?.because === "not-yours");
  return { person, right: unsure ? { because: "lookup-failed", what: "the approver groups" } : right };
}
