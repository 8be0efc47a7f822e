// What carries our installation's mark and belongs to no exposure that the store knows: the store was lost or restored, or
// another installation of the same name works on this account.
import { isMadeFor, type Observed, tunnelLedTo } from "./observed.ts";

/** `until`: the longest that it may live, where its record is seen and says so. */
export type UnknownMark = { exposureId: string; hostname: string; until: Date | null };

/** Those of `ids` that the look at this tunnel is to tell of, so that one look tells of each: applications are the account's
 *  and seen by the look at every tunnel, of which one `tellsOfApplications`; a record alone is told by the tunnel it leads to. */
export function unknownMarks(observed: Observed, ids: string[], tellsOfApplications: boolean): UnknownMark[] {
  return ids.flatMap((exposureId): UnknownMark[] => {
    const application = observed.applications.find((each) => isMadeFor(exposureId, each));
    const record = observed.records.find((each) => isMadeFor(exposureId, each));
    const leadsHere = record !== undefined && tunnelLedTo(record) === observed.tunnel.id;
    if (!(application ? tellsOfApplications : leadsHere)) return [];
    const hostname = application?.destinations[0] ?? record?.name ?? application?.name ?? exposureId;
    return [{ exposureId, hostname, until: record?.mark?.until ?? null }];
  });
}
