// What the alerts channel is told of holes that somebody else made, of what carries our mark and nobody knows, and of other
// people's changes to a tunnel. What stands at Cloudflare was written by anybody, so it is rich text.
import type { Hole, HoleKind } from "../domain/holes.ts";
import type { Crossing } from "../domain/notices.ts";
import { isPublicLogin, type PublicLogin } from "../domain/public-login.ts";
import type { UnknownMark } from "../domain/unknown-marks.ts";
import { type Condition, isCondition } from "../domain/weakness.ts";
import { CONDITION_WORDS } from "./condition-words.ts";
import { bold, bullets, code, heading, moment, paragraph, rich, type SlackMessage, words } from "./parts.ts";
import { bare } from "./plain-text.ts";
import { PUBLIC_LOGIN_WORDS } from "./public-login-words.ts";
import { spoken } from "./spoken.ts";

type Fault = { what: string; mend: string };

const HOLES: Record<Exclude<HoleKind, PublicLogin | Condition>, Fault> = {
  "no-application": {
    what: "No Access application covers it, so anybody on the internet reaches the service.",
    mend: "Make an Access application for this hostname, or take the route away.",
  },
  bypass: {
    what: "A bypass policy of its Access application lets everybody through without a log-in.",
    mend: "Remove the bypass policy from the application, or take the route away.",
  },
  "service-auth": {
    what: "A Service Auth policy of its Access application asks for no token or certificate: whoever meets it passes without a log-in.",
    mend: "Let that policy include service tokens or client certificates only, or take the route away.",
  },
  everyone: {
    what: "A policy of its Access application lets everyone in: any log-in will do.",
    mend: "Name the people, groups or email domains that may pass.",
  },
  "public-path": {
    what: "A part of its Access application is set to public, so that path is open to everybody.",
    mend: "Remove the public path from the application's destinations.",
  },
  "weaker-application": {
    what: "Another Access application for a path below it lets anybody in.",
    mend: "Tighten that application, or delete it so that the hostname's own counts.",
  },
  "options-bypass": {
    what: "Its Access application lets OPTIONS requests through without a log-in.",
    mend: "Turn the bypass of OPTIONS requests off in the application's CORS settings.",
  },
  wildcard: {
    what: "A wildcard route reaches hostnames that Access does not cover: an Access wildcard covers one level, a tunnel's all.",
    mend: "Route each hostname by its full name, behind an application of its own.",
  },
};

function faultOf(why: HoleKind): Fault {
  if (isPublicLogin(why)) return loginFault(why);
  return isCondition(why) ? conditionFault(why) : HOLES[why];
}

function conditionFault(condition: Condition): Fault {
  const who = condition === "unknown-condition" ? "it may be anybody" : "any log-in will do";
  return {
    what: `A policy of its Access application lets in ${CONDITION_WORDS[condition]}: ${who}.`,
    mend: "Name the people, groups or email domains that may pass.",
  };
}

function loginFault(login: PublicLogin): Fault {
  const other = login === "unknown-login" ? "it may be anybody" : "anybody's will do";
  const who = login === "one-time-pin" ? "any email address will do" : other;
  return {
    what: `A policy of its Access application lets in whoever logs in with ${PUBLIC_LOGIN_WORDS[login]}, so ${who}.`,
    mend: "Name the people, groups or email domains that may pass.",
  };
}

/** Of a route that Drawbridge did not make. */
export function holeAlert(hole: Hole): SlackMessage {
  const { what, mend } = faultOf(hole.why);
  const title = "Hole: a stranger can reach a service";
  const details = rich([
    paragraph(code(place(hole), 200), words(" on tunnel "), code(hole.tunnelName, 80)),
    bullets([
      [bold("What: "), words(what)],
      [bold("Leads to: "), code(hole.service, 150)],
      [bold("What to do: "), words(mend)],
      [words("Drawbridge did not make this route and leaves it as it is.")],
    ]),
  ]);
  return spoken(`${title}: ${bare(hole.hostname, 100)}.`, [heading(title), details], [details]);
}

/** Of what carries this installation's mark and is of no exposure that the store knows. */
export function unknownMarkAlert(mark: UnknownMark, installation: string): SlackMessage {
  const title = "Drawbridge's store does not know what stands at Cloudflare";
  const what =
    "It carries this installation's mark, and the store has no such request: nobody closes it at its end.";
  const end = mark.until ? [words(" It may live until "), moment(mark.until), words(" at the latest.")] : [];
  const details = rich([
    paragraph(code(mark.hostname, 200), words(", request "), code(mark.exposureId, 60)),
    bullets([
      [bold("What: "), words(what), ...end],
      [
        bold("Why: "),
        words(
          "The store was lost, or restored to a time before it was asked for; or another installation named ",
        ),
        code(installation, 60),
        words(" works on this Cloudflare account."),
      ],
      [
        bold("What to do: "),
        code("npm run adopt", 20),
        words(
          " takes it into the store, with its end. If another installation made it, do not: close it there, and give that one another name.",
        ),
      ],
    ]),
  ]);
  return spoken(`${title}: ${bare(mark.hostname, 100)}.`, [heading(title), details], [details]);
}

/** Cloudflare replaces a tunnel's whole configuration and knows no precondition: two writers can cross. */
export function crossedAlert(tunnel: string, crossing: Crossing): SlackMessage {
  const { baseVersion, foundVersion, overwritten } = crossing;
  const title = "Somebody else changed the tunnel at the same moment";
  const next = overwritten
    ? "Their change is gone, as Cloudflare keeps no older version. Whoever made it, please make it again; what stood before both is in the audit."
    : "Their change stands, and Drawbridge puts its own routes in beside it. Nothing is left to do.";
  const said = `: Drawbridge wrote on version ${baseVersion}, and found version ${foundVersion} afterwards. ${next}`;
  return {
    text: `${title}: ${bare(tunnel, 80)}. ${next}`,
    blocks: [heading(title), rich([paragraph(words("Tunnel "), code(tunnel, 80), words(said))])],
  };
}

function place({ hostname, path }: Hole): string {
  return `${hostname}${path ?? ""}`;
}
