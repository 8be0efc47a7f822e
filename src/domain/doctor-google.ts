// Judges Google's side and the ground that the bot stands on: services, private DNS, an origin, the store, the clock.
import type { ClockSkew, OriginAnswer, Resolved, StoreFacts } from "./doctor-facts.ts";
import { type Finding, fail, type Looked, pass, unseen, warn } from "./finding.ts";
import { type CloudRunService, serviceKey } from "./service.ts";

const SLOW_MS = 500;
/** Slack and Google refuse what is signed minutes off; ends and lapses are off by as much. */
const SKEWED_MS = 5_000;
const BROKEN_MS = 60_000;

export function judgeService(service: CloudRunService): Finding[] {
  return [judgeIngress(service), judgeInvoker(service)];
}

function judgeIngress(service: CloudRunService): Finding {
  const key = serviceKey(service);
  const command = `gcloud run services update ${service.name} --project=${service.project} --region=${service.region}`;
  if (service.defaultUrlDisabled || service.url === null)
    return fail(
      "service-ingress",
      key,
      "Its run.app address is switched off, and with it the tunnel's way in.",
      `${command} --default-url`,
    );
  if (service.ingress === "none")
    return fail("service-ingress", key, "It takes no traffic at all.", `${command} --ingress=internal`);
  if (service.ingress === "all")
    return fail(
      "service-ingress",
      key,
      "Anybody on the internet reaches it at its run.app address, whatever Access says.",
      `${command} --ingress=internal`,
    );
  return pass("service-ingress", key, `Its ingress is ${service.ingress}.`);
}

function judgeInvoker(service: CloudRunService): Finding {
  const key = serviceKey(service);
  const remedy = `gcloud run services update ${service.name} --project=${service.project} --region=${service.region} --no-invoker-iam-check`;
  if (service.invoker === "signed-only")
    return fail(
      "service-invoker",
      key,
      "It wants signed requests, and cloudflared cannot sign: 403 behind Access.",
      remedy,
    );
  if (service.invoker === "iap")
    return fail(
      "service-invoker",
      key,
      "Identity-Aware Proxy sends whoever passed Access to a log-in of Google's, and from there to its run.app address.",
      `gcloud run services update ${service.name} --project=${service.project} --region=${service.region} --no-iap`,
    );
  if (service.invoker === "unknown")
    return warn(
      "service-invoker",
      key,
      "Drawbridge may not see who may invoke it.",
      "Grant the bot's service account run.services.getIamPolicy.",
    );
  return pass("service-invoker", key, "It takes unsigned requests.");
}

/** 199.36.153.8/30 is private.googleapis.com, 199.36.153.4/30 restricted.googleapis.com.
 *  https://cloud.google.com/vpc/docs/configure-private-google-access */
const PRIVATE_RANGE = /^199\.36\.153\.([4-9]|1[01])$/;

/** Whoever resolves run.app like the rest of the world is outside the connectors' VPC, as the bot is meant to be: it could
 *  reach every internal service from there. */
export function isOutside({ addresses }: Resolved): boolean {
  return addresses.length > 0 && !addresses.some((address) => PRIVATE_RANGE.test(address));
}

export function judgeResolver(resolved: Resolved): Finding {
  const { host, addresses } = resolved;
  const shown = addresses.slice(0, 4).join(" ") || "nothing";
  const evidence = `${host} resolves to ${shown}`;
  if (isOutside(resolved))
    return unseen(
      "private-dns",
      null,
      `${evidence}, outside Google's private range, as for everybody outside the connectors' VPC. The bot needs none; what the connectors resolve, only they see.`,
    );
  if (addresses.length > 0 && addresses.every((address) => PRIVATE_RANGE.test(address)))
    return pass("private-dns", null, `${evidence}, inside Google's private range.`);
  return fail(
    "private-dns",
    null,
    `${evidence}, not all of it inside 199.36.153.8/30: internal ingress refuses what comes another way.`,
    "In this VPC: a private DNS zone run.app. with A records 199.36.153.8 to .11 at its apex and CNAME *.run.app. to run.app., and Private Google Access on the subnet.",
  );
}

export function judgeOrigin({ host, status, byGoogle }: OriginAnswer, outside: boolean): Finding {
  const evidence = `${host} answered ${status}${byGoogle ? " by Google's front end" : ""}`;
  if (outside)
    return unseen(
      "origin",
      null,
      `${evidence}, asked from outside the VPC of the connectors, where internal ingress answers 404. What they get, a visit through Access shows (VISIT_CLIENT_ID).`,
    );
  if (status === 404 && byGoogle)
    return fail(
      "origin",
      null,
      `${evidence}: internal ingress refused it, or there is no such host.`,
      "Check the ingress of the service and that requests reach it from inside: Direct VPC egress, Private Google Access, the private zone run.app.",
    );
  if (status === 403 && byGoogle)
    return warn(
      "origin",
      null,
      `${evidence}: it wants signed requests.`,
      "Switch its invoker check off, with internal ingress: docs/deploy.md, step 9.",
    );
  if (status >= 500)
    return warn(
      "origin",
      null,
      `${evidence}: the service itself has trouble.`,
      "Look at the log of the service.",
    );
  return pass("origin", null, `${evidence}: the way to the services is open.`);
}

export function judgeDatabase({ engine, ms, held }: StoreFacts): Finding {
  if (held) return pass("database", null, "The running bot has the embedded store open.");
  const evidence = `${engine} answered in ${ms} ms.`;
  if (ms <= SLOW_MS) return pass("database", null, evidence);
  return warn(
    "database",
    null,
    evidence,
    "A click has three seconds in all. Move the database nearer, or give it more room.",
  );
}

export function judgeClock(clocks: Looked<ClockSkew>[]): Finding {
  const told = clocks.flatMap((each) => (each.ok ? [each.value] : []));
  const [worst] = told.sort((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs));
  if (!worst)
    return warn("clock", null, "Nobody told the time to compare with.", "Look at the other findings first.");
  const off = Math.abs(worst.aheadMs);
  const seconds = (off / 1000).toFixed(1);
  if (off < SKEWED_MS)
    return pass("clock", null, `Within ${seconds} s of ${told.map(({ against }) => against).join(", ")}.`);
  const evidence = `This clock is ${seconds} s ${worst.aheadMs > 0 ? "ahead of" : "behind"} ${worst.against}.`;
  const remedy = "Let the machine's clock follow NTP. Exposures end by this clock.";
  return (off < BROKEN_MS ? warn : fail)("clock", null, evidence, remedy);
}
