// Reads Cloudflare's JSON envelope and its paged lists: whole and plausible, or a fault.
import { nonsense } from "./cloudflare-failure.ts";
import { isRecord, recordIn } from "./json.ts";

export type Envelope = { result: unknown; totalCount: number | null };

export type Item = Record<string, unknown> & { id: string };

const MOST_PAGES = 200;

export function readEnvelope(operation: string, text: string, mayBeEmpty: boolean): Envelope {
  if (text.trim() === "" && mayBeEmpty) return { result: null, totalCount: null };
  const body = recordIn(text);
  if (!body || body.success === false) throw nonsense(operation);
  const result = body.result ?? null;
  if (result === null && !mayBeEmpty) throw nonsense(operation);
  const info = body.result_info;
  const total = isRecord(info) ? info.total_count : null;
  return { result, totalCount: typeof total === "number" ? total : null };
}

/** Page 1 tells how many there are and how many the server gives at once; the rest is read side by side. A server that
 *  ignores `page`, or caps it silently, is noticed: fewer different ids come than were counted. */
export async function readPages(
  operation: string,
  perPage: number,
  read: (page: number) => Promise<Envelope>,
): Promise<Item[]> {
  const first = await read(1);
  const items = itemsOf(operation, first.result);
  if (first.totalCount === null) return await readUncounted(operation, perPage, items, read);
  const pages = items.length === 0 ? 1 : Math.ceil(first.totalCount / items.length);
  if (pages > MOST_PAGES) throw nonsense(operation);
  const rest = await Promise.all(Array.from({ length: pages - 1 }, (_, index) => read(index + 2)));
  const all = distinct([...items, ...rest.flatMap((page) => itemsOf(operation, page.result))]);
  if (all.length < first.totalCount) throw nonsense(operation);
  return all;
}

/** Without a count only a page that is not full ends the list. */
async function readUncounted(
  operation: string,
  perPage: number,
  first: Item[],
  read: (page: number) => Promise<Envelope>,
): Promise<Item[]> {
  let all = distinct(first);
  let last = first.length;
  for (let page = 2; last >= perPage; page += 1) {
    const items = itemsOf(operation, (await read(page)).result);
    const more = distinct([...all, ...items]);
    if (page > MOST_PAGES || (items.length > 0 && more.length === all.length)) throw nonsense(operation);
    all = more;
    last = items.length;
  }
  return all;
}

function itemsOf(operation: string, result: unknown): Item[] {
  if (!Array.isArray(result)) throw nonsense(operation);
  return result.map((each: unknown) => {
    if (!isRecord(each) || typeof each.id !== "string" || each.id === "") throw nonsense(operation);
    return { ...each, id: each.id };
  });
}

function distinct(items: Item[]): Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
