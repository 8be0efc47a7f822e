// Scenes and what befalls them that went wrong once, or seldom come about.
import type { Job } from "./model-jobs.ts";
import { type Scene, sceneOf } from "./model-states.ts";

/** Nothing goes wrong, and Access takes its time. */
const AT_ONCE: Job = {
  tape: [],
  diesAt: null,
  closedAt: null,
  spread: false,
  hand: null,
  teamless: false,
  frozen: false,
};
/** It dies before its first call. */
const DEAD: Job = { ...AT_ONCE, diesAt: 0 };

export const EXAMPLES: [Scene, Job[]][] = [
  // The process died with the application made and its `aud` not written down; older proofs are no proof of it.
  [sceneOf({ forgotten: true, enforced: false, proofs: 3, noted: true }), [AT_ONCE]],
  // A rule that only answers with a status spoilt the one write for the neighbour.
  [sceneOf({ inTheWay: "exact-status" }, {}), []],
  // The application was deleted by hand while only visits were made.
  [sceneOf({ application: "none", noted: true }), []],
  // All of it was taken away at once, or one after the other before anybody looked: it is not made anew.
  [sceneOf({ phase: "open", application: "none", record: "none" }, { phase: "open", route: "right" }), []],
  [
    sceneOf({ phase: "open", route: "right" }),
    [
      { ...DEAD, hand: "applications-deleted" },
      { ...DEAD, hand: "records-deleted" },
      { ...AT_ONCE, hand: "routes-deleted" },
    ],
  ],
  // … and once it is closed somebody leads its hostname to the same service by a route of their own.
  [
    sceneOf({ phase: "open", route: "right", noted: true }),
    [
      { ...DEAD, hand: "applications-deleted" },
      { ...DEAD, hand: "records-deleted" },
      { ...AT_ONCE, spread: true, hand: "routes-deleted" },
      { ...AT_ONCE, spread: true },
      { ...AT_ONCE, hand: "their-routes" },
    ],
  ],
  // It was held with its route in, and what it had proved before is too old once it goes on.
  [sceneOf({ route: "right", proofs: 3 }), [{ ...AT_ONCE, frozen: true }]],
  [sceneOf({ proofs: 3, noted: true }), [{ ...AT_ONCE, frozen: true }]],
];
