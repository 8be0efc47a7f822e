// What each emulator offers besides its vendor's API: acting as a person, other people's hands, visits.
import type { Network } from "./cloudflare/network.ts";
import type { Seed, SeedPerson } from "./contract.ts";

// ---- Slack -------------------------------------------------------------------------------------------------------

/** A message as Slack stores it, plus who can see it (`only` for ephemeral ones). */
export type SlackMessage = {
  channel: string;
  ts: string;
  threadTs?: string;
  user: string;
  text: string;
  blocks: Record<string, unknown>[];
  metadata?: Record<string, unknown>;
  edited?: boolean;
  deleted?: boolean;
  broadcast?: boolean;
  only?: string;
};

export type SlackView = {
  id: string;
  hash: string;
  type: "modal" | "home";
  callbackId: string;
  user: string;
  view: Record<string, unknown>;
  /** Field errors of the last submission, by block id. */
  errors?: Record<string, string>;
};

/** How Slack took an interaction: what the person sees at once. */
export type Delivery =
  | { outcome: "acked"; ms: number; payload: unknown }
  | { outcome: "failed"; because: "no-connection" | "timeout"; ms: number };

/** Values a person enters in a modal: by block id, then action id. Strings for text and single selects (the option's
 *  value, a user or channel id), arrays for multi selects and checkboxes. */
export type FormValues = Record<string, Record<string, string | string[] | null>>;

/** Acting as a person in the sandbox's Slack. Every verb sends the real envelope to a connected socket. */
export type SlackWorkspace = {
  apiUrl: string;
  people(): SeedPerson[];
  channels(): {
    id: string;
    name: string;
    isPrivate: boolean;
    isIm: boolean;
    members: string[];
    archived: boolean;
  }[];
  /** What this person sees in a channel, ephemeral messages of theirs included; oldest first. */
  messages(channel: string, as?: string): SlackMessage[];
  /** The direct-message channel between the bot and a person. */
  dm(user: string): string;
  /** The stack of modals open for this person; the last one is on top. */
  modals(user: string): SlackView[];
  home(user: string): SlackView | null;
  command(user: string, channel: string, command: string, text: string): Promise<Delivery>;
  shortcut(user: string, callbackId: string): Promise<Delivery>;
  /** Presses a button or changes an element of a message. The block's current state is sent along. */
  act(
    user: string,
    target: { channel: string; ts: string } | { viewId: string },
    action: { actionId: string; blockId?: string; value?: string | string[] | null },
    state?: FormValues,
  ): Promise<Delivery>;
  /** Loads the options of an external select. */
  options(user: string, viewId: string, blockId: string, actionId: string, query: string): Promise<unknown>;
  submit(user: string, viewId: string, values: FormValues): Promise<Delivery>;
  closeView(user: string, viewId: string): Promise<Delivery | null>;
  openHome(user: string): Promise<Delivery>;
  say(user: string, channel: string, text: string, threadTs?: string): SlackMessage;
  /** Changes to people and groups while the bot runs. */
  setPerson(id: string, change: Partial<SeedPerson>): void;
  setUserGroup(id: string, users: string[]): void;
  setScopes(scopes: string[]): void;
  /** `archived` false takes it back. */
  archive(channel: string, archived?: boolean): void;
  deleteMessage(channel: string, ts: string): void;
  /** Sockets: how many are live, and ways to disturb them. */
  sockets(): number;
  recycle(which?: "one" | "all", reason?: "warning" | "refresh_requested" | "too_many_websockets"): void;
  dropSockets(): void;
  /** Stop answering pings without closing. */
  freezeSockets(): void;
  /** Connections that are made while it is mute get no hello. */
  muteSockets(mute: boolean): void;
  /** Sends a raw envelope again, or any envelope: for replay and fuzz tests. Resolves with the ack. */
  sendEnvelope(envelope: Record<string, unknown>): Promise<Delivery>;
  /** Slack's notice that the app gets too many events. */
  sendRateLimited(): Promise<Delivery>;
  lastEnvelopes(): Record<string, unknown>[];
  onChange(listener: (change: { kind: string; channel?: string; user?: string }) => void): () => void;
  close(): Promise<void>;
};

// ---- Cloudflare --------------------------------------------------------------------------------------------------

/** What the edge answered to a visit. */
export type Visit = {
  status: number;
  location?: string;
  headers: Record<string, string>;
  body: string;
  /** In plain words, for the page and for tests. */
  verdict:
    | "no such host"
    | "stopped by Access"
    | "refused by Access"
    | "stopped by cloudflared"
    | "catch-all"
    | "tunnel down"
    | "reached the service"
    | "answered elsewhere"
    | "origin refused";
};

export type EdgeEvent = { at: string; hostname: string; what: string; detail?: string };

export type CloudflareEmulator = {
  /** Includes `/client/v4`. */
  apiUrl: string;
  /** Answers HTTP for every hostname, by Host header. */
  edgeUrl: string;
  /** As a stranger (no `email`) or as a person who logs in at Access with this email first. */
  visit(hostname: string, options?: { email?: string; path?: string; cookie?: string }): Promise<Visit>;
  /** Every change and visit that concerns this hostname, in order, in plain words: "access application created",
   *  "dns record created", "route added", "stranger stopped by Access", "stranger reached the service", … */
  history(hostname: string): EdgeEvent[];
  /** The first moment, if any, at which an anonymous visitor could have reached the service at this hostname: judged at
   *  every change of state, visited or not. */
  firstHole(hostname: string): EdgeEvent | null;
  tunnelConfig(tunnelId: string): { version: number; config: Record<string, unknown> };
  applications(): Record<string, unknown>[];
  records(zoneId: string): Record<string, unknown>[];
  /** Others' hands in the dashboard: change state without going through the API. */
  putConfig(tunnelId: string, config: Record<string, unknown>): void;
  addApplication(application: Record<string, unknown>): string;
  editApplication(id: string, change: Record<string, unknown>): void;
  deleteApplication(id: string): void;
  addRecord(zoneId: string, record: Record<string, unknown>): string;
  deleteRecord(zoneId: string, id: string): void;
  editRecord(zoneId: string, id: string, change: Record<string, unknown>): void;
  /** Renamed, or moved to a local configuration file; or deleted together with its connectors. */
  editTunnel(tunnelId: string, change: { name?: string; configSrc?: "cloudflare" | "local" }): void;
  deleteTunnel(tunnelId: string): void;
  /** Something that answers before Access does, such as a redirect rule; null takes it away. */
  putInFront(hostname: string, answer: { status: number; body: string } | null): void;
  /** What answers at the address that records lead to which lead to no tunnel; null for nobody. */
  putSite(address: string, answer: { status: number; body: string } | null): void;
  setConnectors(tunnelId: string, count: number): void;
  /** Where a cloudflared connects (`TUNNEL_EDGE`), what it shows there (`TUNNEL_TOKEN`), and what lies in between. */
  connectorAddress: string;
  tunnelToken(tunnelId: string): string;
  /** A connector that lives in the emulator comes up with this token; its id, or null where the token is refused. */
  connectWith(token: string): { tunnelId: string; connectorId: string } | null;
  network: Network;
  /** Cuts this many of the connections that processes hold; answers how many there were. */
  dropConnections(tunnelId: string, count: number): number;
  /** Cuts them and does not take them back until they are released. */
  holdConnections(tunnelId: string, count: number): void;
  releaseConnections(): void;
  setPropagation(ms: number): void;
  onChange(listener: (change: { kind: string; hostname?: string }) => void): () => void;
  close(): Promise<void>;
};

// ---- Google ------------------------------------------------------------------------------------------------------

/** Which instance of which worker pool writes. Without `instance` the pool's only one. */
export type LogOrigin = {
  project: string;
  region: string;
  workerPool: string;
  revision?: string;
  instance?: string;
};

export type LogWriting = {
  /** The entry's timestamp. Default: the line's own `time`, else now. */
  at?: Date;
  /** How long after now the entry can be read. Default 0. */
  lateMs?: number;
  /** Writing one twice, with one timestamp, is a duplicate delivery. Default: a fresh one. */
  insertId?: string;
};

export type GoogleEmulator = {
  /** host:port, insecure gRPC, for every Google client. */
  endpoint: string;
  services(): Seed["google"]["services"];
  setService(name: string, change: Partial<Seed["google"]["services"][number]>): void;
  removeService(name: string): void;
  /** What an HTTP origin of Cloud Run would answer for this Host header: Google's 404 for an unknown one, 403 where the
   *  invoker check is on. The Cloudflare edge calls it. */
  answer(host: string, path: string): { status: number; headers: Record<string, string>; body: string };
  /** host:port of a name server (UDP) that knows run.app as a worker pool in the VPC does. */
  dnsServer: string;
  /** The same answers over HTTP, by Host header. */
  originUrl: string;
  /** Takes the VPC's private zone run.app away, or puts it back: its hosts then resolve as for everybody. */
  setPrivateZone(there: boolean): void;
  /** `https://<service>-<project number>.<region>.run.app` of a service. */
  urlOf(project: string, region: string, name: string): string;
  setSecret(name: string, versions: string[]): void;
  /** `name` is `projects/P/secrets/S`. Null where there is no such version, or it is disabled. */
  secretValue(name: string, version: string): string | null;
  /** Worker pools as google.cloud.run.v2.WorkerPool. */
  workerPools(): Record<string, unknown>[];
  /** Somebody changes a pool, by its full name: whole fields of google.cloud.run.v2.WorkerPool. Done at once. */
  setWorkerPool(name: string, change: Record<string, unknown>): void;
  /** Somebody deploys a revision that fails so, in Google's codes, while the one before goes on running; null: one that
   *  works. */
  deployWorkerPool(
    name: string,
    failure: { revisionReason?: string; reason?: string; message: string } | null,
  ): void;
  /** A line on the standard error of a worker pool's container, as Cloud Run hands it to Cloud Logging. */
  writeLog(origin: LogOrigin, line: string, writing?: LogWriting): void;
  /** Projects and log views whose logs the bot may read, named as it asks for them; null: all. */
  setLogAccess(resourceNames: string[] | null): void;
  /** Ends every open tail, as Google does after about an hour. */
  endTails(): void;
  onChange(listener: (change: { kind: string }) => void): () => void;
  close(): Promise<void>;
};
