// The regions of a project (google.cloud.location.Locations), as Cloud Run lists them.
import { grpc } from "google-gax";
import { type Projects, regions } from "./projects.ts";
import { locationProtos } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";

export function locationsApi(projects: Projects): Api {
  return {
    root: locationProtos,
    service: "google.cloud.location.Locations",
    handlers: {
      ListLocations(request) {
        const match = /^projects\/([^/]+)$/.exec(String(request.name));
        if (!match)
          throw new RpcError(grpc.status.INVALID_ARGUMENT, `Invalid resource name: '${request.name}'.`);
        const project = projects.idOf(match[1]!);
        return {
          locations: regions.map((region) => ({
            name: `projects/${project}/locations/${region}`,
            locationId: region,
          })),
        };
      },
    },
  };
}
