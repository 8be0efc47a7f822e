// Which services the form offers somebody: what is known to be theirs to ask for. It grants nothing, so answers of the last
// minute will do; the right is read anew when the form is sent.
import { whyMayNotAsk } from "../domain/policy.ts";
import type { CloudRunService } from "../domain/service.ts";
import type { ServiceFailure } from "../services/failure.ts";
import { membershipOf } from "./rights.ts";
import type { HandlerTools } from "./tools.ts";

/** `failure`: a group could not be read, and whoever is in it may ask for more. */
export type Offer = { services: CloudRunService[]; failure: ServiceFailure | null };

export async function offeredTo(tools: HandlerTools, userId: string): Promise<Offer> {
  const { policy } = tools;
  const circles = policy.rules.flatMap(({ requesters }) => (requesters === "everyone" ? [] : [requesters]));
  const circle = { groups: [...new Set(circles.flatMap(({ groups }) => groups))], people: [] };
  const [listed, { groups, unread, failure }] = await Promise.all([
    tools.cloudRun.listServices(),
    membershipOf(recently(tools), userId, circle),
  ]);
  const openTo = (known: string[]) => {
    const person = { slackId: userId, email: "" };
    return listed.filter((service) => whyMayNotAsk(policy, service, person, known) === null);
  };
  const services = openTo(groups);
  const mayBeMore = failure !== null && openTo([...groups, ...unread]).length > services.length;
  return { services, failure: mayBeMore ? failure : null };
}

/** For what is offered, and whom somebody picks. No right can be asked for with these. */
export function recently({ recentPeople, log }: HandlerTools): Pick<HandlerTools, "people" | "log"> {
  return { people: recentPeople, log };
}
