// What Cloud Run's v1 API takes for a worker pool, as an allow list: a name that is not here is a typo, or a setting that
// somebody has to look up first. https://cloud.google.com/run/docs/reference/rest/v1/namespaces.workerpools
import { z } from "zod";

const count = z.string().regex(/^[0-9]+$/, { error: "is a number in quotes" });
const port = z.int().min(1).max(65535);
const httpGet = z.strictObject({ path: z.string().startsWith("/"), port });

/** https://cloud.google.com/run/docs/configuring/workerpools/healthchecks */
const LONGEST_PROBE_SECONDS = 240;

// Liveness takes no TCP. https://cloud.google.com/run/docs/configuring/workerpools/healthchecks
const Probe = z
  .strictObject({
    httpGet,
    initialDelaySeconds: z.int().min(0).max(240).default(0),
    timeoutSeconds: z.int().min(1).default(1),
    periodSeconds: z.int().min(1).max(240).default(10),
    failureThreshold: z.int().min(1).default(3),
  })
  .refine((probe) => probe.timeoutSeconds < probe.periodSeconds, { error: "times out after its next visit" })
  .refine((probe) => probe.periodSeconds * probe.failureThreshold <= LONGEST_PROBE_SECONDS, {
    error: "takes longer than 240 s",
  });

const secretKeyRef = z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]+$/), key: count });
const EnvironmentVariable = z.union([
  z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/), value: z.string() }),
  z.strictObject({
    name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
    valueFrom: z.strictObject({ secretKeyRef }),
  }),
]);

const Container = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  // A tag that says a version, or a digest; never the one that moves.
  image: z.string().regex(/^[\w.-]+(\/[\w.-]+)+(:(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})$/),
  args: z.array(z.string()).optional(),
  env: z.array(EnvironmentVariable),
  volumeMounts: z
    .array(z.strictObject({ name: z.string(), mountPath: z.string().startsWith("/") }))
    .default([]),
  resources: z.strictObject({
    limits: z.strictObject({
      cpu: z.enum(["1", "2", "4", "6", "8"]),
      // 512 MiB is the least that a worker pool takes.
      memory: z.enum(["512Mi", "1Gi", "2Gi", "4Gi"]),
    }),
  }),
  startupProbe: Probe,
  livenessProbe: Probe,
});

const Volume = z.strictObject({
  name: z.string(),
  secret: z.strictObject({
    secretName: z.string(),
    items: z.array(z.strictObject({ key: count, path: z.string().min(1) })).min(1),
  }),
});

const Interfaces = z
  .string()
  .transform((text) => JSON.parse(text))
  .pipe(z.array(z.strictObject({ network: z.string(), subnetwork: z.string() })).length(1));

const Annotations = z.strictObject({
  "run.googleapis.com/description": z.string().max(512),
  "run.googleapis.com/manualInstanceCount": count,
});

const TemplateAnnotations = z.strictObject({
  "run.googleapis.com/network-interfaces": Interfaces.optional(),
  "run.googleapis.com/vpc-access-egress": z.enum(["private-ranges-only", "all-traffic"]).optional(),
});

const Labels = z.strictObject({ "cloud.googleapis.com/location": z.string() });

export const WorkerPool = z.strictObject({
  apiVersion: z.literal("run.googleapis.com/v1"),
  kind: z.literal("WorkerPool"),
  metadata: z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,48}$/),
    labels: Labels,
    annotations: Annotations,
  }),
  spec: z.strictObject({
    template: z.strictObject({
      metadata: z.strictObject({ annotations: TemplateAnnotations }),
      spec: z.strictObject({
        serviceAccountName: z.string().regex(/^[a-z][a-z0-9-]{5,29}@\S+\.iam\.gserviceaccount\.com$/),
        containers: z.array(Container).length(1),
        volumes: z.array(Volume).default([]),
      }),
    }),
  }),
});

export type WorkerPool = z.output<typeof WorkerPool>;
