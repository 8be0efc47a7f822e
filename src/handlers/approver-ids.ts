// Everybody who may approve what is asked of a service, by Slack user id.
import { approversOf } from "../domain/policy.ts";
import type { ServiceRef } from "../domain/service.ts";
import type { HandlerTools } from "./tools.ts";

export async function approverIds(
  { policy, slack }: Pick<HandlerTools, "policy" | "slack">,
  service: ServiceRef,
): Promise<string[]> {
  const { groups, people } = approversOf(policy, service);
  const members = await Promise.all(groups.map((group) => slack.userGroupMembers(group)));
  return [...new Set([...people, ...members.flat()])];
}
