// The connectors' worker pool as set-up makes it. deploy/cloudflared.worker-pool.yaml is the same for gcloud, and says why
// each setting is there.
import type { protos } from "@google-cloud/run";

export type ConnectorPool = {
  image: string;
  instances: number;
  serviceAccount: string;
  network: string;
  subnetwork: string;
  secret: string;
  version: string;
};

export const TOKEN_VARIABLE = "TUNNEL_TOKEN";
export const CONNECTOR_IMAGE = "docker.io/cloudflare/cloudflared:2026.8.3";

const METRICS_PORT = 2000;

const ENVIRONMENT: Record<string, string> = {
  TUNNEL_TRANSPORT_PROTOCOL: "http2",
  TUNNEL_EDGE_IP_VERSION: "4",
  TUNNEL_METRICS: `0.0.0.0:${METRICS_PORT}`,
  TUNNEL_LOG_OUTPUT: "json",
  TUNNEL_LOGLEVEL: "info",
  TUNNEL_GRACE_PERIOD: "8s",
  NO_AUTOUPDATE: "true",
};

export function connectorPool(pool: ConnectorPool): protos.google.cloud.run.v2.IWorkerPool {
  const { secret, version, network, subnetwork } = pool;
  return {
    description: "Connectors of the Cloudflare Tunnel that Drawbridge configures",
    scaling: { manualInstanceCount: pool.instances },
    template: {
      serviceAccount: pool.serviceAccount,
      vpcAccess: { egress: "PRIVATE_RANGES_ONLY", networkInterfaces: [{ network, subnetwork }] },
      containers: [
        {
          name: "cloudflared",
          image: pool.image,
          args: ["tunnel", "run"],
          env: [
            { name: TOKEN_VARIABLE, valueSource: { secretKeyRef: { secret, version } } },
            ...Object.entries(ENVIRONMENT).map(([name, value]) => ({ name, value })),
          ],
          resources: { limits: { cpu: "1", memory: "512Mi" } },
          startupProbe: {
            httpGet: { path: "/ready", port: METRICS_PORT },
            initialDelaySeconds: 60,
            timeoutSeconds: 5,
            periodSeconds: 10,
            failureThreshold: 24,
          },
          livenessProbe: {
            httpGet: { path: "/healthcheck", port: METRICS_PORT },
            timeoutSeconds: 5,
            periodSeconds: 30,
            failureThreshold: 4,
          },
        },
      ],
    },
  };
}
