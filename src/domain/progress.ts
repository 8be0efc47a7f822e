// How far converge got with an exposure.

/** What converge has seen so far; it survives a crash, and a new application starts it over. */
export type Progress = {
  applicationId: string | null;
  /** Of the application in force, and of every one before it: whoever logged in at any of them came in here. */
  applicationIds: string[];
  /** The `aud` of the application in force, and of every one before it: they mark our routes. */
  aud: string | null;
  auds: string[];
  /** Anonymous visits in a row that our application stopped before the route was put in. */
  gateProofs: number;
  /** The tunnel configuration's version that carried the route in, or out. */
  routedVersion: number | null;
  unroutedVersion: number | null;
  /** Steps that people see on the card, in order, with when each was done. */
  steps: { step: StepName; at: Date }[];
  /** What was found not to be as it must be while it is open, and is not known to be put right yet. */
  drifted: StepName[];
  /** Since when it is being opened, or opened anew after a drift; later by the time in which no bot was there. */
  since: Date | null;
  /** Faults in a row; a step that gets done starts the count over. */
  faults: number;
  /** Why the last pass could not go on, in plain words; null when it went well. */
  waiting: string | null;
  /** Whether the alerts channel was told that the closing does not get done. */
  stuck: boolean;
};

export type StepName =
  | "application"
  | "record"
  | "gate-proved"
  | "route"
  | "connectors"
  | "seen-open"
  | "route-removed"
  | "record-removed"
  | "tokens-revoked"
  | "application-removed"
  | "seen-closed"
  | "answered-elsewhere";

export function freshProgress(): Progress {
  return {
    applicationId: null,
    applicationIds: [],
    aud: null,
    auds: [],
    gateProofs: 0,
    routedVersion: null,
    unroutedVersion: null,
    steps: [],
    drifted: [],
    since: null,
    faults: 0,
    waiting: null,
    stuck: false,
  };
}
