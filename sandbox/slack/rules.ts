// The grammar of Slack's JSON checks: strings, lists and objects, with complaints worded and pointed as Slack does.
import { isObject } from "./elements.ts";
import type { Json } from "./workspace.ts";

export type Surface = "message" | "modal" | "home";

export type Inspection = {
  surface: Surface;
  complain(message: string, at: string): void;
};

export type Rule = (value: unknown, at: string, on: Inspection) => void;

export function text(most: number, least = 1): Rule {
  return (value, at, on) => {
    if (typeof value !== "string") return on.complain("must provide a string", at);
    if (value.length > most) on.complain(`must be less than ${most + 1} characters`, at);
    if (value.length < least) on.complain(`must be more than ${least - 1} characters`, at);
  };
}

export function oneOf(...allowed: string[]): Rule {
  return (value, at, on) => {
    if (!allowed.includes(String(value))) on.complain(`must be one of: ${allowed.join(", ")}`, at);
  };
}

export function truth(value: unknown, at: string, on: Inspection): void {
  if (typeof value !== "boolean") on.complain("must provide a boolean", at);
}

export function whole(least: number, most: number): Rule {
  return (value, at, on) => {
    if (typeof value !== "number" || !Number.isInteger(value))
      return on.complain("must provide a number", at);
    if (value < least) on.complain(`must be at least ${least}`, at);
    if (value > most) on.complain(`must be at most ${most}`, at);
  };
}

export function matching(shape: RegExp, name: string): Rule {
  return (value, at, on) => {
    if (typeof value !== "string" || !shape.test(value)) on.complain(`must be a valid ${name}`, at);
  };
}

export function list(item: Rule, least: number, most: number): Rule {
  return (value, at, on) => {
    if (!Array.isArray(value)) return on.complain("must provide an array", at);
    if (value.length > most) on.complain(`no more than ${most} items allowed`, at);
    if (value.length < least) on.complain(`no fewer than ${least} items allowed`, at);
    for (const [index, each] of value.entries()) item(each, `${at}/${index}`, on);
  };
}

/** An object with exactly these fields. `type` is not checked here: see `typed`. */
export function shape(needed: Record<string, Rule>, allowed: Record<string, Rule> = {}): Rule {
  const rules = new Map([...Object.entries(allowed), ...Object.entries(needed)]);
  return (value, at, on) => {
    if (!isObject(value)) return on.complain("must provide an object", at);
    for (const name of Object.keys(needed)) {
      if (value[name] === undefined) on.complain(`missing required field: ${name}`, at);
    }
    for (const [name, given] of Object.entries(value)) {
      const rule = rules.get(name);
      if (given === undefined) continue;
      if (rule) rule(given, `${at}/${name}`, on);
      else if (name !== "type") on.complain(`invalid additional property: ${name}`, at);
    }
  };
}

/** An object whose `type` chooses the rule. */
export function typed(kinds: Record<string, Rule>): Rule {
  return (value, at, on) => {
    if (!isObject(value)) return on.complain("must provide an object", at);
    const rule =
      typeof value.type === "string" && Object.hasOwn(kinds, value.type) ? kinds[value.type] : undefined;
    if (value.type === undefined) return on.complain("missing required field: type", at);
    if (!rule) return on.complain(`unsupported type: ${String(value.type)}`, `${at}/type`);
    rule(value, at, on);
  };
}

export function all(...rules: Rule[]): Rule {
  return (value, at, on) => {
    for (const rule of rules) rule(value, at, on);
  };
}

/** A further condition on an object. */
export function when(fails: (value: Json) => boolean, message: string, field = ""): Rule {
  return (value, at, on) => {
    if (isObject(value) && fails(value)) on.complain(message, field ? `${at}/${field}` : at);
  };
}

export const anything: Rule = () => undefined;

/** Complaints in Slack's wording, in the order they were found. */
export function inspect(rule: Rule, value: unknown, at: string, surface: Surface): string[] {
  const messages: string[] = [];
  rule(value, at, {
    surface,
    complain: (message, pointer) => messages.push(`${message} [json-pointer:${pointer}]`),
  });
  return [...new Set(messages)];
}
