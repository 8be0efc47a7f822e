// What became of a service is asked before its exposure opens. Where it was open before, that Google cannot be asked, or that
// everybody may reach the service by now, closes nothing: people are told of the latter.
import { expect, test } from "vitest";
import type { Exposure } from "../../src/domain/exposure.ts";
import type { CloudRunService } from "../../src/domain/service.ts";
import { lookAtServices, sweepServices } from "../../src/jobs/service-look.ts";
import type { CloudRun } from "../../src/services/cloud-run.ts";
import { ServiceFailure } from "../../src/services/failure.ts";
import { billing, NOON, sampleExposure } from "../domain/exposure-sample.ts";
import { onPostgres } from "../engines.ts";
import { ASKED, pendingExposure, storeOn } from "../store/sample-exposure.ts";

const FIRST = sampleExposure({ phase: "opening" });
const AGAIN = sampleExposure({ phase: "opening", openedAt: NOON });
const PUBLIC: CloudRunService = { ...billing, ingress: "all", invoker: "everyone" };

async function changeSeen(exposure: typeof FIRST, found: CloudRunService | ServiceFailure) {
  const describe = async () => {
    if (found instanceof ServiceFailure) throw found;
    return found;
  };
  const [looked] = await lookAtServices(describe, [exposure]);
  return looked && ("change" in looked ? looked.change : looked.error);
}

function failure(kind: "missing" | "retry"): ServiceFailure {
  return new ServiceFailure({ kind, vendor: "google", operation: "GetService", message: "No." });
}

test("as it was, nothing changed", async () => {
  expect([await changeSeen(FIRST, billing), await changeSeen(AGAIN, billing)]).toEqual([null, null]);
});

test("public since: it does not open for the first time, and is mended all the same", async () => {
  expect([await changeSeen(FIRST, PUBLIC), await changeSeen(AGAIN, PUBLIC)]).toEqual(["public", null]);
});

test("gone: neither opened nor mended", async () => {
  const gone = failure("missing");
  expect([await changeSeen(FIRST, gone), await changeSeen(AGAIN, gone)]).toEqual(["gone", "gone"]);
});

test("where Google does not answer, what opens for the first time waits, and what was open is mended", async () => {
  const away = failure("retry");
  expect([await changeSeen(FIRST, away), await changeSeen(AGAIN, away)]).toEqual([away, null]);
});

test("a fault of our own is none of Google's", async () => {
  const [looked] = await lookAtServices(() => Promise.reject(new TypeError("x is undefined")), [AGAIN]);
  expect(looked).toMatchObject({ error: new TypeError("x is undefined") });
});

test("who may invoke what the internet reaches stands in no list: each of these is described at each sweep", async () => {
  const exposures = storeOn(await onPostgres());
  const [signed, inside] = (["all", "internal"] as const).map((ingress) =>
    pendingExposure({
      phase: "open",
      service: { ...billing, name: ingress, ingress, invoker: "signed-only" },
    }),
  ) as [Exposure, Exposure];
  for (const each of [signed, inside]) await exposures.submit(each, ASKED);
  const described: string[] = [];
  const cloudRun: Partial<CloudRun> = {
    listServicesIn: async () => [signed, inside].map(({ service }) => ({ ...service, invoker: "unknown" })),
    describe: async ({ name }) => {
      described.push(name);
      return { ...signed.service, invoker: "everyone" };
    },
  };
  await sweepServices({ exposures, cloudRun: cloudRun as CloudRun, now: () => NOON });
  expect(described).toEqual(["all"]);
  expect(await exposures.load(signed.id)).toMatchObject({ phase: "open", service: { invoker: "everyone" } });
});
