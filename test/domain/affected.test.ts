// Whom a fault of a tunnel keeps from what they asked for.
import { expect, it } from "vitest";
import { affectedOn } from "../../src/domain/affected.ts";
import { allUp, asJson, boot, diagnosisOf, line } from "./diagnosis-scripts.ts";
import { openExposure, TUNNEL_ID } from "./exposure-sample.ts";

const RUN_APP = "https://billing-api-x.a.run.app";

it("is nobody where a route that lacks its Host header is not theirs, though it leads to the same service", () => {
  const exposure = openExposure();
  const affectedBy = (hostname: string) => {
    const ingress = [
      {
        hostname: exposure.hostname,
        service: RUN_APP,
        originRequest: { httpHostHeader: "billing-api-x.a.run.app" },
      },
      { hostname, service: RUN_APP },
      { service: "http_status:404" },
    ];
    const config = { version: 3, config: JSON.stringify({ ingress }) };
    const lines = [...boot(0), ...allUp(2), line(8, "info", "Updated to new configuration", config)];
    const [found] = diagnosisOf(asJson(lines));
    expect(found).toMatchObject({ cause: "origin-host", services: [hostname] });
    expect(found?.remedy).toContain(`Concerns: ${hostname}.`);
    const slot = "origin-host" as const;
    return affectedOn(TUNNEL_ID, { slot, services: found?.services ?? [] }, [exposure]);
  };
  expect(affectedBy("status.lakeside.example")).toEqual([]);
  expect(affectedBy(exposure.hostname)).toMatchObject([{ hostname: exposure.hostname }]);
});
