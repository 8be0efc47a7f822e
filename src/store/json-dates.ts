// JSON has no dates: those of a stored document are known by the names of their fields.

type HoldsDate<T> = T extends Date ? true : T extends readonly (infer Each)[] ? HoldsDate<Each> : never;

/** The names of all fields that hold dates, however deep. */
type DateName<T> = T extends Date
  ? never
  : T extends readonly (infer Each)[]
    ? DateName<Each>
    : T extends object
      ? { [K in keyof T & string]-?: HoldsDate<T[K]> extends never ? DateName<T[K]> : K }[keyof T & string]
      : never;

/** Each of them, none left out: a date whose name is missing here would be read back as text. */
export type DateNames<T> = Record<DateName<T>, true>;

export function revived<T>(document: unknown, dates: DateNames<T>): T {
  return withDates(document, new Set(Object.keys(dates)), "") as T;
}

function withDates(value: unknown, dates: ReadonlySet<string>, key: string): unknown {
  if (typeof value === "string" && dates.has(key)) return new Date(value);
  if (Array.isArray(value)) return value.map((each) => withDates(each, dates, key));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withDates(each, dates, name)]),
  );
}
