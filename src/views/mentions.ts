// Mentions for mrkdwn. An id that is not Slack's is never written as a token.
import type { Circle } from "../domain/policy.ts";

const MOST_MENTIONS = 5;

export function personMention(slackId: string): string {
  return isId(slackId) ? `<@${slackId}>` : "somebody";
}

export function groupMention(groupId: string): string {
  return isId(groupId) ? `<!subteam^${groupId}>` : "the people on call";
}

/** Groups first: `@platform-leads or @lee`. */
export function approverMentions(approvers: Circle): string {
  const all = [
    ...approvers.groups.filter(isId).map(groupMention),
    ...approvers.people.filter(isId).map(personMention),
  ];
  if (all.length === 0) return "an approver";
  const shown = all.slice(0, MOST_MENTIONS);
  const more = all.length - shown.length;
  if (more > 0) return `${shown.join(", ")} or ${more} more`;
  return shown.length === 1 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

function isId(text: string): boolean {
  return /^[A-Z][A-Z0-9]{1,30}$/.test(text);
}
