// What the alerts channel is told about the tunnel's routes: holes, repaired drift, and other people's changes. What
// stands at Cloudflare was written by anybody, so it is rich text.
import type { KnownBlock, RichTextElement } from "@slack/types";
import type { Hole, HoleKind } from "../domain/holes.ts";
import { bold, bullets, code, heading, paragraph, rich, type SlackMessage, words } from "./parts.ts";
import { bare, plain } from "./plain-text.ts";

type Fault = { what: string; mend: string };

const HOLES: Record<HoleKind, Fault> = {
  "no-application": {
    what: "No Access application covers it, so anybody on the internet reaches the service.",
    mend: "Make an Access application for this hostname, or take the route away.",
  },
  bypass: {
    what: "A bypass policy of its Access application lets everybody through without a log-in.",
    mend: "Remove the bypass policy from the application, or take the route away.",
  },
  everyone: {
    what: "A policy of its Access application lets everyone in: any log-in will do.",
    mend: "Name the people, groups or email domains that may pass.",
  },
  "one-time-pin": {
    what: "A policy of its Access application lets in whoever logs in with a one-time PIN, so any email address will do.",
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

export function holeWords(why: HoleKind): Fault {
  return HOLES[why];
}

/** `exposureLink` leads to the card, where the hole is in a route of ours. */
export function holeAlert(hole: Hole, exposureLink: string | null = null): SlackMessage {
  const { what, mend } = HOLES[hole.why];
  const title = hole.ours ? "Hole in a route of ours" : "Hole: a stranger can reach a service";
  const ours = "Drawbridge takes this route away first and then opens it anew.";
  const theirs = "Drawbridge did not make this route and leaves it as it is.";
  return {
    text: `${title}: ${bare(hole.hostname, 100)}. ${what}`,
    blocks: [
      heading(title),
      rich([
        paragraph(code(place(hole), 200), words(" on tunnel "), code(hole.tunnelName, 80)),
        bullets([
          [bold("What: "), words(what)],
          [bold("Leads to: "), code(hole.service, 150)],
          [
            bold("What to do: "),
            words(hole.ours ? `Nothing at once. ${ours} Find out who changed it.` : mend),
          ],
          ...(hole.ours ? [] : [[words(theirs)]]),
        ]),
        ...cardLink(exposureLink),
      ]),
    ],
  };
}

/** One hole less: a reply in the alert's thread. */
export function holeGone(hole: Hole): SlackMessage {
  const said = "no longer stands open here. Nothing is left to do.";
  return {
    text: `${bare(hole.hostname, 100)} ${said}`,
    blocks: [rich([paragraph(code(place(hole), 200), words(` ${said}`))])],
  };
}

export type Drift = { hostname: string; outcome: "repaired" | "closed"; what: string };

/** A reply in the card's thread: something of ours was changed by hand. */
export function driftNotice({ hostname, outcome, what }: Drift): SlackMessage {
  const said =
    outcome === "repaired"
      ? "was changed by somebody else. It is as approved again."
      : "was changed by somebody else and could not be put right, so it is closed.";
  return {
    text: `${bare(hostname, 100)} ${said}`,
    blocks: [
      rich([
        paragraph(code(hostname, 100), words(` ${said}`)),
        bullets([[bold("What was found: "), words(plain(what, 400) || "not recorded", 400)]]),
      ]),
    ],
  };
}

export type Moved = {
  tunnelName: string;
  /** The version we wrote on top of, and the one that stood there in the end. */
  baseVersion: number;
  seenVersion: number;
  /** Hostnames of others whose routes the two writes touched. */
  hostnames: string[];
};

/** Cloudflare replaces a tunnel's whole configuration and knows no precondition: two writers can cross. */
export function movedAlert({ tunnelName, baseVersion, seenVersion, hostnames }: Moved): SlackMessage {
  const title = "Somebody else changed the tunnel at the same moment";
  const shown = hostnames.slice(0, 20).map((host): RichTextElement[] => [code(host, 100)]);
  const more = hostnames.length - shown.length;
  const rest: RichTextElement[][] = more > 0 ? [[words(`and ${more} more`)]] : [];
  const blocks: KnownBlock[] = [
    heading(title),
    rich([
      paragraph(
        words("Tunnel "),
        code(tunnelName, 80),
        words(
          `: written on version ${baseVersion}, then version ${seenVersion} was found. The two were merged again. `,
        ),
        words(
          "Look through the tunnel's routes; the last configuration that was read is kept in the audit.\n",
        ),
      ),
      ...(shown.length > 0 ? [paragraph(bold("Routes to look at")), bullets([...shown, ...rest])] : []),
    ]),
  ];
  return { text: `${title}: ${bare(tunnelName, 80)}.`, blocks };
}

function place({ hostname, path }: Hole): string {
  return `${hostname}${path ?? ""}`;
}

function cardLink(url: string | null) {
  if (!url || !/^https:\/\/[^\s<>|]+$/.test(url)) return [];
  return [paragraph({ type: "link" as const, url, text: "See the card" })];
}
