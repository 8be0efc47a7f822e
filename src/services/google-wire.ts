// What Google's answers have in common on the wire: moments, and the names of resources.
import type { protos } from "@google-cloud/run";

type Timestamp = protos.google.protobuf.ITimestamp | null | undefined;

/** To the millisecond; null where none is given. */
export function dateOf(time: Timestamp): Date | null {
  const seconds = Number(time?.seconds ?? 0);
  return seconds === 0 ? null : new Date(seconds * 1000 + Math.floor((time?.nanos ?? 0) / 1_000_000));
}

/** `v1` of `projects/P/secrets/S/versions/v1`. */
export function lastPart(name: string | null | undefined): string | null {
  return name ? (name.split("/").at(-1) ?? null) : null;
}
