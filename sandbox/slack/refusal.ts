// Slack's way to say no: HTTP 200 with ok:false and an error code, sometimes with details beside it.
import type { Json } from "./workspace.ts";

export class SlackRefusal extends Error {
  readonly code: string;
  readonly details: Json;
  constructor(code: string, details: Json = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

export function refuse(code: string, details: Json = {}): never {
  throw new SlackRefusal(code, details);
}

/** Complaints about arguments, in the places where Slack puts them. */
export function refuseWithMessages(code: string, messages: string[]): never {
  throw new SlackRefusal(code, {
    ...(code === "invalid_blocks" ? { errors: messages } : {}),
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}
