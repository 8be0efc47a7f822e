// Pages of a list, with tokens that are good only for the list they came from.
import { grpc } from "google-gax";
import type { Message } from "./protos.ts";
import { RpcError } from "./rpc.ts";

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

export function page<T>(request: Message, items: T[]): { items: T[]; nextPageToken: string } {
  const size = Math.min(Number(request.pageSize ?? 0) || DEFAULT_PAGE, LARGEST_PAGE);
  const start = startOf(String(request.pageToken ?? ""), String(request.parent));
  const end = start + size;
  const nextPageToken = end < items.length ? tokenOf(end, String(request.parent)) : "";
  return { items: items.slice(start, end), nextPageToken };
}

function tokenOf(start: number, parent: string): string {
  return Buffer.from(JSON.stringify({ start, parent })).toString("base64url");
}

function startOf(token: string, parent: string): number {
  if (!token) return 0;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (read && typeof read === "object" && "start" in read && "parent" in read && read.parent === parent) {
      return Number(read.start);
    }
  } catch {}
  throw new RpcError(grpc.status.INVALID_ARGUMENT, "The page token is not one of this list.");
}
