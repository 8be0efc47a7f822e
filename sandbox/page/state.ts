// What the page shows: one answer of the control address, and the shapes in it. Shared by both sides.
import type { EdgeEvent, FaultRule, JournalEntry, SeedPerson, SlackMessage, SlackView } from "../contract.ts";
import type { TunnelFault } from "../tunnel-faults.ts";

/** How far time may be moved forward at once. */
export const MOST_DAYS_FORWARD = 400;

export type BotStatus = {
  /** `off`: not started by the sandbox. `unready`: runs, but its health check says it cannot work right now. */
  state: "off" | "starting" | "ready" | "unready" | "died";
  detail: string;
};

export type AppFeatures = {
  name: string;
  homeTab: boolean;
  /** Whether people may write to the app in its Messages tab. */
  takesMessages: boolean;
  commands: { command: string; description: string; usageHint: string }[];
  shortcuts: { name: string; callbackId: string; description: string }[];
};

export type PageChannel = {
  id: string;
  name: string;
  isPrivate: boolean;
  isIm: boolean;
  archived: boolean;
  members: string[];
  messages: SlackMessage[];
};

export type PageHost = { hostname: string; events: EdgeEvent[]; hole: EdgeEvent | null };
export type PageApplication = { id: string; name: string; domain: string; aud: string };
export type PageRecord = { id: string; zoneId: string; type: string; name: string; content: string };
export type PageTunnel = {
  id: string;
  name: string;
  version: number;
  connectors: number;
  rules: { hostname: string; service: string; locked: boolean }[];
};

export type PageLogLine = { instance: number; level: string; message: string; error: string };

/** The tunnel whose connectors are processes. */
export type PageConnectors = {
  tunnelId: string;
  name: string;
  fault: TunnelFault | null;
  revision: string;
  protocol: string;
  instances: {
    metrics: string;
    revision: string;
    running: boolean;
    restarts: number;
    lastExit: string | null;
    /** The data centre that each ends in, or null where it is down. */
    connections: (string | null)[];
  }[];
  lines: PageLogLine[];
};

export type GuideStep = { title: string; hint: string; done: boolean };
export type ArmedFault = FaultRule & { id: string; hits: number };

export type PageState = {
  now: string;
  offsetMs: number;
  teamName: string;
  botUserId: string;
  app: AppFeatures;
  bot: BotStatus;
  sockets: number;
  people: SeedPerson[];
  userGroups: { id: string; handle: string; name: string }[];
  as: string;
  channels: PageChannel[];
  modals: SlackView[];
  home: SlackView | null;
  hosts: PageHost[];
  cloudflare: { applications: PageApplication[]; records: PageRecord[]; tunnels: PageTunnel[] };
  /** Null where the edge answers for the connectors itself. */
  connectors: PageConnectors | null;
  faults: ArmedFault[];
  journal: JournalEntry[];
  guide: GuideStep[];
};
