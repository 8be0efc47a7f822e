// What people read under a field of the request form. Slack shows these as plain text. One table by code, so that
// another language is another table.
import type { FieldProblem, WhyNotMember } from "../domain/refusal.ts";
import { plain } from "./plain-text.ts";
import { duration } from "./time-words.ts";

type Code = FieldProblem["problem"];
type Of<P extends Code> = Extract<FieldProblem, { problem: P }>;
type Sentences = { [P in Code]: (problem: Of<P>, nameOf: NameOf) => string };

/** The display name of a person of the workspace, where it is known. */
export type NameOf = (slackId: string) => string | null;

const MISSING: Record<FieldProblem["field"], string> = {
  service: "Choose a service.",
  hostname: "Enter a hostname.",
  audience: "Choose an audience, or pick people, or both.",
  duration: "Choose how long it should be open.",
  reason: "Say why. Approvers read it first.",
  form: "Something is missing. Fill in every field and send again.",
};

const UNREACHABLE: Record<Of<"service-unreachable">["why"], string> = {
  "ingress-none": "This service takes no requests at all. Set its ingress to internal, then ask again.",
  "url-disabled": "The run.app URL of this service is turned off. Turn its default URL on, then ask again.",
  "no-url": "Cloud Run gave no URL for this service. Deploy it once, then ask again.",
};

const WHY_NOT_THEM: Record<WhyNotMember, string> = {
  guest: "is a guest",
  stranger: "belongs to another workspace",
  bot: "is a bot",
  deactivated: "has a deactivated account",
  "no-email": "has no email address in Slack",
  "email-domain": "has an email address outside the domains that the policy allows",
};

const TAKEN: Record<Of<"hostname-taken">["by"], string> = {
  exposure: "Another exposure already uses this hostname.",
  record: "A DNS record that is not ours already stands at this hostname.",
  route: "A route that is not ours already leads this hostname somewhere.",
  application: "An Access application that is not ours already covers this hostname.",
};

const ENGLISH: Sentences = {
  missing: ({ field }) => MISSING[field],
  "service-unknown": () => "Cloud Run does not know this service any more. Choose another from the list.",
  "service-not-allowed": () =>
    "The policy does not let you ask for this service. Choose another, or ask its owners.",
  "service-unreachable": ({ why }) => UNREACHABLE[why],
  "hostname-malformed": () =>
    "Use letters a to z, digits and hyphens only, such as billing or billing.example.com.",
  "hostname-punycode": () =>
    "Use plain letters a to z. Names with other letters can be mistaken for another name.",
  "hostname-zone": ({ zones }) =>
    zones.length > 0
      ? `End the hostname in ${plain(zones.join(" or "), 150)}, or enter its first part only.`
      : "No zone is set up for this service. Ask a Drawbridge admin to add one.",
  "hostname-too-deep": ({ zone }) =>
    `Use one part before ${plain(zone, 100)}. The certificate does not cover deeper names.`,
  "hostname-too-long": ({ max }) => `Use at most ${max} characters. Access takes no longer hostname.`,
  "hostname-reserved": ({ label }) => `The name ${plain(label, 63)} is reserved. Choose another.`,
  "hostname-taken": ({ by, link }) => `${TAKEN[by]} Choose another hostname.${see(link)}`,
  "audience-unknown": () => "This audience is not in the policy any more. Choose another.",
  "audiences-pinned-apart": ({ names }) =>
    `${plain(names.join(" and "), 150)} must log in by different methods, so they cannot be joined. Choose one of them, or ask twice.`,
  "audience-person": ({ slackId, why }, nameOf) => {
    const name = plain(nameOf(slackId) ?? "", 60) || "One of the people you picked";
    return `${name} ${WHY_NOT_THEM[why]}. Pick somebody else.`;
  },
  "duration-over-maximum": ({ maxMinutes }) =>
    `The policy allows ${duration(maxMinutes)} at the most for this service.`,
  "until-closed-not-allowed": () => "This service needs a set time. Choose one from the list.",
  "reason-too-long": ({ max }) => `Use at most ${max} characters.`,
  "nobody-could-approve": ({ approvals, approvers }) =>
    `${tooFew(approvals, approvers)}, so it would wait for ever. Ask a Drawbridge admin to name more approvers.`,
  "account-full": ({ limit }) =>
    `The Cloudflare account holds its limit of ${limit} Access applications. Close an exposure first.`,
  duplicate: ({ link }) => `The same request is already under way.${see(link)}`,
  "openings-frozen": () =>
    "New openings are frozen at the moment. Ask a Drawbridge admin when the freeze will be lifted.",
  vendor: ({ text }) => plain(text, 250) || "Something went wrong. Please send it again in a minute.",
};

export function fieldProblemText(problem: FieldProblem, nameOf: NameOf = () => null): string {
  const say = ENGLISH[problem.problem] as (problem: FieldProblem, nameOf: NameOf) => string;
  return say(problem, nameOf);
}

function tooFew(approvals: number, approvers: number): string {
  if (approvers === 0) return "Nobody else could approve this";
  const others = approvers === 1 ? "only one other person" : `only ${approvers} other people`;
  return `This needs ${approvals} approvals, and ${others} could give one`;
}

function see(link: string | null): string {
  return link === null ? "" : ` See ${plain(link, 250)}`;
}
