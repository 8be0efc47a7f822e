// The worker pools of the invented company: the tunnel's connectors, as deploy/cloudflared.worker-pool.yaml sets them up.
import type { Seed } from "./contract.ts";

export const demoWorkerPools: NonNullable<Seed["google"]["workerPools"]> = [
  {
    project: "lakeside-prod",
    region: "asia-northeast1",
    name: "cloudflared",
    description: "Connectors of the Cloudflare Tunnel that Drawbridge configures",
    scaling: { manualInstanceCount: 2 },
    template: {
      serviceAccount: "cloudflared@lakeside-prod.iam.gserviceaccount.com",
      vpcAccess: {
        egress: "PRIVATE_RANGES_ONLY",
        networkInterfaces: [{ network: "drawbridge", subnetwork: "drawbridge" }],
      },
      containers: [
        {
          name: "cloudflared",
          image: "docker.io/cloudflare/cloudflared:2026.8.3",
          args: ["tunnel", "run"],
          env: [
            {
              name: "TUNNEL_TOKEN",
              valueSource: { secretKeyRef: { secret: "cloudflared-tunnel-token", version: "1" } },
            },
            { name: "TUNNEL_TRANSPORT_PROTOCOL", value: "http2" },
            { name: "TUNNEL_EDGE_IP_VERSION", value: "4" },
            { name: "TUNNEL_METRICS", value: "0.0.0.0:2000" },
            { name: "TUNNEL_LOG_OUTPUT", value: "json" },
            { name: "TUNNEL_LOGLEVEL", value: "info" },
            { name: "TUNNEL_GRACE_PERIOD", value: "8s" },
            { name: "NO_AUTOUPDATE", value: "true" },
          ],
          resources: { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: false },
          startupProbe: probe("/ready", { initialDelaySeconds: 60, periodSeconds: 10, failureThreshold: 24 }),
          livenessProbe: probe("/healthcheck", {
            initialDelaySeconds: 0,
            periodSeconds: 30,
            failureThreshold: 4,
          }),
        },
      ],
    },
  },
];

function probe(
  path: string,
  times: { initialDelaySeconds: number; periodSeconds: number; failureThreshold: number },
): Record<string, unknown> {
  return { ...times, timeoutSeconds: 5, httpGet: { path, port: 2000 } };
}
