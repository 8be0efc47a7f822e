// JSON has no dates: those of a stored document are known by the names of their fields.

export function revived(value: unknown, dates: ReadonlySet<string>, key = ""): unknown {
  if (typeof value === "string" && dates.has(key)) return new Date(value);
  if (Array.isArray(value)) return value.map((each) => revived(each, dates, key));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each, dates, name)]));
}
