// Reads what a caller of the control address sent, and answers bad input with a 400 that says what is wrong.
import type { Context } from "hono";
import { z } from "zod";
import type { SlackWorkspace } from "./contract.ts";

/** Something the caller can put right; answered as `{ "error": … }` with this status. */
export class ControlRefusal extends Error {
  readonly status: 400 | 404;

  constructor(message: string, status: 400 | 404 = 400) {
    super(message);
    this.status = status;
  }
}

export async function readBody<Shape extends z.ZodType>(
  context: Context,
  shape: Shape,
): Promise<z.output<Shape>> {
  const text = await context.req.text();
  let given: unknown;
  try {
    given = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new ControlRefusal("the body is not JSON");
  }
  const checked = shape.safeParse(given);
  if (!checked.success) throw new ControlRefusal(z.prettifyError(checked.error).replaceAll("\n", " "));
  return checked.data;
}

/** Runs an emulator's verb. What it refuses (no such view, a button that is not there) is the caller's mistake. */
export async function attempt<Result>(verb: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    throw new ControlRefusal(error instanceof Error ? error.message : String(error));
  }
}

/** A person by id, user name or first name: `U01ASHA`, `asha`, `Asha`. */
export function personId(slack: SlackWorkspace, given: string): string {
  const wanted = given.replace(/^@/, "").toLowerCase();
  const people = slack.people();
  const found =
    people.find((person) => person.id === given) ??
    people.find((person) => [person.name, person.realName].some((name) => name.toLowerCase() === wanted)) ??
    people.find((person) => person.realName.toLowerCase().split(" ")[0] === wanted);
  if (!found)
    throw new ControlRefusal(
      `no such person: ${given} (there are ${people.map((each) => each.name).join(", ")})`,
    );
  return found.id;
}

/** A channel by id or name (`#bridge-approvals`); `dm` is the person's conversation with the bot. */
export function channelId(slack: SlackWorkspace, given: string, user?: string): string {
  if (given === "dm") {
    if (!user) throw new ControlRefusal('the channel "dm" needs a person: add as=…');
    return slack.dm(user);
  }
  const wanted = given.replace(/^#/, "");
  const channels = slack.channels();
  const found =
    channels.find((channel) => channel.id === given) ??
    channels.find((channel) => !channel.isIm && channel.name === wanted);
  if (!found) throw new ControlRefusal(`no such channel: ${given}`, 404);
  return found.id;
}

export function required(context: Context, name: string): string {
  const value = context.req.query(name);
  if (!value) throw new ControlRefusal(`the query parameter ${name} is missing`);
  return value;
}
