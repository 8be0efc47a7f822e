// Every call that the bot makes to a vendor on its own, from the card to the end, as the moments at which it can be
// killed: before the call has an effect, and after it, when the answer is on its way.
// A read has no effect: its answered moment is the one before the next call, which is in the table too.
import type { FaultRule } from "../../sandbox/contract.ts";
import type { Lane } from "../lanes.ts";

export type PhaseName = "asked" | "opened" | "wished" | "extended" | "closed";

/** Who makes the call: the worker of the tunnel, or the one of the messages. */
export type Worker = "converge" | "announce";

export type Boundary = { worker: Worker; call: string; nth: number; when: "before" | "after" };

/** The calls of one phase, and how many of each there are at least, one exposure alone. */
export type PhaseCalls = Record<Worker, Record<string, number>>;

const TUNNEL = "cloudflare GET /accounts/{id}/cfd_tunnel/{id}";
const PUT_ROUTES = "cloudflare PUT /accounts/{id}/cfd_tunnel/{id}/configurations";
const ACCESS = "/accounts/{id}/access";
const RECORDS = "/zones/{id}/dns_records";
const LOGINS = `cloudflare GET ${ACCESS}/logs/access_requests`;
const NAMES = {
  "cloudflare GET /accounts/{id}/cfd_tunnel": 1,
  [`cloudflare GET ${ACCESS}/groups`]: 1,
  [`cloudflare GET ${ACCESS}/identity_providers`]: 1,
};
const POST = "slack POST /api/chat.postMessage";
const UPDATE = "slack POST /api/chat.update";

/** What stands on a tunnel is read anew for each pass. */
function looks(passes: number): Record<string, number> {
  return {
    [TUNNEL]: passes,
    [`${TUNNEL}/configurations`]: passes,
    [`${TUNNEL}/connections`]: passes,
    [`cloudflare GET ${ACCESS}/apps`]: passes,
    [`cloudflare GET ${ACCESS}/groups`]: passes,
    [`cloudflare GET ${ACCESS}/identity_providers`]: passes,
  };
}

export const PHASES: Record<PhaseName, PhaseCalls> = {
  asked: { converge: {}, announce: { ...NAMES, [POST]: 1 } },
  opened: {
    announce: { [UPDATE]: 2, "slack POST /api/conversations.open": 1, [POST]: 2, [LOGINS]: 1 },
    converge: {
      ...looks(2),
      [`${TUNNEL}/configurations`]: 3,
      [`${TUNNEL}/connections`]: 3,
      [`cloudflare GET ${RECORDS}`]: 4,
      [`cloudflare POST ${ACCESS}/apps`]: 1,
      [`cloudflare GET ${ACCESS}/apps/{id}`]: 1,
      [`cloudflare POST ${RECORDS}`]: 1,
      [PUT_ROUTES]: 1,
      "edge visit": 4,
    },
  },
  wished: { converge: {}, announce: { [UPDATE]: 1, [POST]: 1, [LOGINS]: 1 } },
  extended: {
    announce: { [UPDATE]: 1, [POST]: 1, [LOGINS]: 1 },
    converge: {
      ...looks(1),
      [`cloudflare GET ${RECORDS}`]: 3,
      [`cloudflare POST ${RECORDS}`]: 1,
      [`cloudflare PUT ${RECORDS}/{id}`]: 1,
    },
  },
  closed: {
    announce: { [UPDATE]: 2, [POST]: 1 },
    converge: {
      ...looks(1),
      [`cloudflare GET ${RECORDS}`]: 1,
      [PUT_ROUTES]: 1,
      [`${TUNNEL}/configurations`]: 2,
      [`${TUNNEL}/connections`]: 2,
      [`cloudflare GET ${RECORDS}/{id}`]: 1,
      [`cloudflare DELETE ${RECORDS}/{id}`]: 1,
      [`cloudflare POST ${ACCESS}/apps/{id}/revoke_tokens`]: 1,
      [`cloudflare GET ${ACCESS}/apps/{id}`]: 1,
      [`cloudflare DELETE ${ACCESS}/apps/{id}`]: 1,
      "edge visit": 1,
    },
  },
};

const RIGHTS = ["slack POST /api/usergroups.users.list", "slack POST /api/users.info"];

/** What is called while a person waits for their form or for the ack of their click. */
export const CLICK_CALLS: Record<PhaseName, string[]> = {
  asked: [
    ...RIGHTS,
    "slack POST /api/views.open",
    "slack POST /api/views.update",
    "google ListServices",
    "google GetService",
    "google GetIamPolicy",
    `cloudflare GET ${ACCESS}/apps`,
    `${TUNNEL}/configurations`,
    `cloudflare GET ${RECORDS}`,
  ],
  opened: RIGHTS,
  wished: [...RIGHTS, "slack POST /api/views.open"],
  extended: RIGHTS,
  closed: RIGHTS,
};

export function boundariesOf(phase: PhaseName, worker: Worker): Boundary[] {
  return Object.entries(PHASES[phase][worker]).flatMap(([call, times]) =>
    Array.from({ length: times }, (_, index) => index + 1).flatMap((nth) =>
      (hasEffect(call) ? (["before", "after"] as const) : (["before"] as const)).map((when) => ({
        worker,
        call,
        nth,
        when,
      })),
    ),
  );
}

function hasEffect(call: string): boolean {
  return call !== "edge visit" && !call.includes(" GET ");
}

/** The request of this lane at which the bot is to hang until it is killed. */
export function hangAt({ call, nth, when }: Boundary, { tunnelId, zoneId }: Lane, host: string): FaultRule {
  const hang = { nth, when, effect: { kind: "hang" } } as const;
  if (call === "edge visit") return { vendor: "edge", path: `^${host}/`, ...hang };
  const [vendor = "", method = "", path = ""] = call.split(" ");
  const own = path
    .replace("/cfd_tunnel/{id}", `/cfd_tunnel/${tunnelId}`)
    .replace("/zones/{id}", `/zones/${zoneId}`)
    .replaceAll("{id}", "[0-9a-f-]+");
  return { vendor: vendor as "slack" | "cloudflare", method, path: `${own}$`, ...hang };
}
