// Every id that a view writes and a handler reads back. What a button carries is opaque: an exposure's id and the digest
// of the plan that was shown, nothing that anybody could edit to their advantage.

export const actions = {
  approve: "exposure.approve",
  approveShorter: "exposure.approve_shorter",
  deny: "exposure.deny",
  withdraw: "exposure.withdraw",
  close: "exposure.close",
  extend: "exposure.extend",
  approveExtension: "exposure.approve_extension",
  denyExtension: "exposure.deny_extension",
  requestAgain: "exposure.request_again",
  acknowledge: "incident.acknowledge",
  mute: "incident.mute",
  evidence: "incident.evidence",
} as const;

/** Callback ids of modals. */
export const views = {
  expose: "expose",
  shorter: "exposure.shorter",
  deny: "exposure.deny",
  extend: "exposure.extend",
} as const;

/** Callback id of the global shortcut. */
export const shortcuts = { expose: "expose_new" } as const;

/** Block ids of form fields. Errors are answered by these. */
export const blocks = {
  service: "service",
  hostname: "hostname",
  zone: "zone",
  audience: "audience",
  people: "people",
  duration: "duration",
  reason: "reason",
} as const;

/** Action ids of form fields. Only `service` reports every change. */
export const inputs = {
  service: "expose.service",
  hostname: "expose.hostname",
  zone: "expose.zone",
  audience: "expose.audience",
  people: "expose.people",
  duration: "form.duration",
  reason: "form.reason",
} as const;

/** Option value of the duration that has no set time. */
export const UNTIL_CLOSED = "until-closed";

const PART = "[A-Za-z0-9_-]{1,128}";
const BUTTON_VALUE = new RegExp(`^(${PART})\\.(${PART})$`);

export function buttonValue(id: string, digest: string): string {
  const value = `${id}.${digest}`;
  if (!BUTTON_VALUE.test(value))
    throw new RangeError("an exposure's id and digest are letters, digits, - and _");
  return value;
}

export function parseButtonValue(value: string | null | undefined): { id: string; digest: string } | null {
  const [, id, digest] = BUTTON_VALUE.exec(value ?? "") ?? [];
  return id && digest ? { id, digest } : null;
}

/** Fields whose suggestion or options change with the service. */
export type RevisedField = "hostname" | "zone" | "duration";

/** Slack keeps what a field holds for as long as its block's id stays: a new suggestion, or other options, need a new id.
 *  https://github.com/slackapi/bolt-js/issues/290 */
export function revisedBlock(field: RevisedField, revision: number): string {
  return revision > 0 ? `${blocks[field]}.${revision}` : blocks[field];
}

/** The revision that a block id of this field carries, or null for any other block. */
export function revisionOf(field: RevisedField, blockId: string): number | null {
  const [name, revision = "0", ...rest] = blockId.split(".");
  if (name !== blocks[field] || rest.length > 0 || !/^\d{1,6}$/.test(revision)) return null;
  return Number(revision);
}
