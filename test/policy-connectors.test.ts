// The policy file on a tunnel's connectors, and the service token of visits: all optional, nothing that leads elsewhere.
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../src/config.ts";
import { ConfigError } from "../src/config-values.ts";
import { parsePolicy } from "../src/policy-file.ts";
import { fileWith, ID, wrong } from "./policy-sample.ts";

const GOOGLE = { projects: ["lakeside-prod"], regions: ["asia-northeast1"] };
const VIEW = "projects/lakeside-prod/locations/global/buckets/_Default/views/drawbridge-worker-pools";

const tunnelsWith = (connectors: object) => ({
  tunnels: [{ id: ID, zones: ["lakeside.example"], connectors }],
});
const policyWith = (change: object) => parsePolicy(stringify(fileWith(change)));
const connectorsOf = (connectors: object) => policyWith(tunnelsWith(connectors)).tunnels[0]?.connectors;

describe("connectors", () => {
  it("need not be told of", () => {
    const policy = policyWith({});
    expect(policy.tunnels[0]?.connectors).toBeNull();
    expect(policy.logs).toEqual({ views: {}, tail: false });
  });

  it("are a worker pool, addresses, or both", () => {
    const workerPool = "lakeside-prod/asia-northeast1/cloudflared";
    const pool = { project: "lakeside-prod", region: "asia-northeast1", name: "cloudflared" };
    expect(connectorsOf({ workerPool })).toEqual({ workerPool: pool, metrics: [], others: false });
    expect(connectorsOf({ metrics: ["http://10.118.0.5:2000/", "http://10.118.0.5:2000"] })).toEqual({
      workerPool: null,
      metrics: ["http://10.118.0.5:2000"],
      others: false,
    });
    expect(connectorsOf({ workerPool, others: true })?.others).toBe(true);
    expect(connectorsOf({ workerPool, metrics: ["http://127.0.0.1:2000"] })?.metrics).toHaveLength(1);
  });

  it.each([
    "cloudflared",
    "lakeside-prod/cloudflared",
    "lakeside-prod/asia-northeast1/cloudflared/more",
    "lakeside-prod/asia-northeast1/Cloudflared",
    'lakeside-prod/asia-northeast1/a" OR "b',
  ])("%s is no worker pool", (workerPool) => {
    expect(wrong(tunnelsWith({ workerPool }))).toEqual([
      expect.stringContaining("tunnels.0.connectors.workerPool is not a worker pool"),
    ]);
  });

  it.each([
    "http://203.0.113.9:2000",
    "http://172.32.0.1:2000",
    "http://169.254.169.254:80",
    "http://169.254.169.254:2000",
    "http://metadata.google.internal:2000",
    "http://localhost:2000",
    "http://10.evil.example:2000",
    "http://10.0.0.5",
    "https://10.0.0.5:2000",
    "http://10.0.0.5:2000/ready",
    "http://10.0.0.5:2000/?a=b",
    "http://user:pass@10.0.0.5:2000",
    "10.0.0.5:2000",
    "",
  ])("%s is no address of a connector", (address) => {
    expect(wrong(tunnelsWith({ metrics: [address] }))).toEqual([
      expect.stringContaining("tunnels.0.connectors.metrics.0 is not the address"),
    ]);
  });

  it.each(["http://172.16.0.1:2000", "http://172.31.255.1:2000", "http://192.168.1.9:2000"])(
    "%s is",
    (address) => {
      expect(connectorsOf({ metrics: [address] })?.metrics).toEqual([address]);
    },
  );

  it("have logs that may be read through a view of each project, and followed", () => {
    const { logs } = policyWith({ google: { ...GOOGLE, logViews: [VIEW], tailLogs: true } });
    expect(logs).toEqual({ views: { "lakeside-prod": VIEW }, tail: true });
    expect(wrong({ google: { ...GOOGLE, logViews: ["worker-pools"] } })).toEqual([
      expect.stringContaining("google.logViews.0 is not a log view"),
    ]);
  });
});

describe("the service token of visits", () => {
  it("is named by its id in the policy", () => {
    expect(policyWith({}).visitTokenId).toBeNull();
    const serviceToken = "6f1c2b1e-5a0d-4c3f-8e57-0c1f0c3b9d11";
    expect(policyWith({ visits: { serviceToken } }).visitTokenId).toBe(serviceToken);
    expect(wrong({ visits: { serviceToken: "5d1b.access" } })).toEqual([
      expect.stringContaining("visits.serviceToken is not the id"),
    ]);
  });

  const enough = {
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_APP_TOKEN: "xapp-1",
    CLOUDFLARE_API_TOKEN: "cf",
    CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  };

  it("is both or neither", () => {
    expect(loadConfig(enough).visitToken).toBeUndefined();
    expect(
      loadConfig({ ...enough, VISIT_CLIENT_ID: "", VISIT_CLIENT_SECRET: "" }).visitToken,
    ).toBeUndefined();
    const both = { VISIT_CLIENT_ID: "5d1b.access", VISIT_CLIENT_SECRET: "b1946ac9" };
    expect(loadConfig({ ...enough, ...both }).visitToken).toEqual({
      clientId: "5d1b.access",
      clientSecret: "b1946ac9",
    });
    expect(() => loadConfig({ ...enough, VISIT_CLIENT_SECRET: "b1946ac9" })).toThrow(ConfigError);
    expect(() => loadConfig({ ...enough, VISIT_CLIENT_ID: "5d1b.access" })).toThrow(/VISIT_CLIENT_SECRET/);
  });
});
