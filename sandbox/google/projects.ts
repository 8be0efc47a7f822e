// Projects and regions: what the project ids, numbers and regions of the sandbox are, and the hosts that follow from them.
import { createHash } from "node:crypto";
import { grpc } from "google-gax";
import { RpcError } from "./rpc.ts";

/** Regions and the abbreviation that the older form of a run.app host carries. */
const REGION_CODES: Record<string, string> = {
  "asia-east1": "de",
  "asia-northeast1": "an",
  "asia-northeast2": "dt",
  "asia-southeast1": "as",
  "australia-southeast1": "ts",
  "europe-west1": "ew",
  "europe-west2": "nw",
  "europe-west3": "ey",
  "europe-west4": "ez",
  "us-central1": "uc",
  "us-east1": "ue",
  "us-east4": "uk",
  "us-west1": "uw",
};

export type Projects = {
  /** Makes a project known. */
  add(id: string): void;
  /** The id of a project given by id or number. Unknown ones are refused as Google does: 403, not 404. */
  idOf(idOrNumber: string): string;
  checkRegion(region: string): void;
};

export const regions = Object.keys(REGION_CODES);

export function createProjects(ids: string[]): Projects {
  const known = new Map<string, string>();
  function add(id: string): void {
    known.set(id, id);
    known.set(projectNumber(id), id);
  }
  ids.forEach(add);
  return {
    add,
    idOf(idOrNumber) {
      const id = known.get(idOrNumber);
      if (id) return id;
      const text = `Permission denied on resource project ${idOrNumber} (or it may not exist).`;
      throw new RpcError(grpc.status.PERMISSION_DENIED, text);
    },
    checkRegion(region) {
      // https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2#google.cloud.run.v2.ListServicesRequest
      if (region === "-")
        throw new RpcError(grpc.status.INVALID_ARGUMENT, "Location cannot be the wildcard '-'.");
      if (region in REGION_CODES) return;
      const text = `Location ${region} is not found or access is unauthorized.`;
      throw new RpcError(grpc.status.PERMISSION_DENIED, text);
    },
  };
}

/** Twelve digits, always the same for the same id. */
export function projectNumber(id: string): string {
  return String(100_000_000_000n + (digest(id).readBigUInt64BE() % 900_000_000_000n));
}

/** `<service>-<project number>.<region>.run.app`: the form that can be told before the service exists. */
export function deterministicHost(project: string, region: string, name: string): string {
  return `${name}-${projectNumber(project)}.${region}.run.app`;
}

/** `<service>-<hash>-<region code>.a.run.app`: the older form. */
export function hashedHost(project: string, region: string, name: string): string {
  const hash = BigInt(`0x${digest(project).toString("hex", 8, 16)}`)
    .toString(36)
    .slice(0, 10);
  return `${name}-${hash}-${REGION_CODES[region] ?? "xx"}.a.run.app`;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(`project ${text}`).digest();
}
