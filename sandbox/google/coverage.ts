// Every emulated RPC, the vendor's page on it, and the test that calls it through the vendor's client.

const RUN = "https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2";
const OPERATIONS = "https://cloud.google.com/run/docs/reference/rpc/google.longrunning";
const LOCATIONS = "https://cloud.google.com/run/docs/reference/rpc/google.cloud.location";
const SECRETS = "https://cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1";
const LOGGING = "https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2";

const services = "test/sandbox/google-run.test.ts";
const pools = "test/sandbox/google-worker-pools.test.ts";
const logs = "test/sandbox/google-logging.test.ts";
const secrets = "test/sandbox/google-secrets.test.ts";

export const googleCoverage: { endpoint: string; documentation: string; test: string }[] = [
  covered(RUN, "google.cloud.run.v2.Services", "ListServices", services),
  covered(RUN, "google.cloud.run.v2.Services", "GetService", services),
  covered(RUN, "google.cloud.run.v2.Services", "GetIamPolicy", services),
  covered(RUN, "google.cloud.run.v2.Services", "TestIamPermissions", services),
  covered(RUN, "google.cloud.run.v2.Revisions", "ListRevisions", services),
  covered(RUN, "google.cloud.run.v2.Revisions", "GetRevision", services),
  covered(RUN, "google.cloud.run.v2.WorkerPools", "GetWorkerPool", pools),
  covered(RUN, "google.cloud.run.v2.WorkerPools", "ListWorkerPools", pools),
  covered(RUN, "google.cloud.run.v2.WorkerPools", "CreateWorkerPool", pools),
  covered(RUN, "google.cloud.run.v2.WorkerPools", "UpdateWorkerPool", pools),
  covered(RUN, "google.cloud.run.v2.WorkerPools", "TestIamPermissions", pools),
  covered(OPERATIONS, "google.longrunning.Operations", "GetOperation", pools),
  covered(LOCATIONS, "google.cloud.location.Locations", "ListLocations", services),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "AccessSecretVersion", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "GetSecret", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "GetSecretVersion", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "ListSecretVersions", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "AddSecretVersion", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "CreateSecret", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "GetIamPolicy", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "SetIamPolicy", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "DisableSecretVersion", secrets),
  covered(SECRETS, "google.cloud.secretmanager.v1.SecretManagerService", "EnableSecretVersion", secrets),
  covered(LOGGING, "google.logging.v2.LoggingServiceV2", "ListLogEntries", logs),
  covered(LOGGING, "google.logging.v2.LoggingServiceV2", "TailLogEntries", logs),
];

function covered(page: string, service: string, rpc: string, test: string) {
  return { endpoint: `${service}/${rpc}`, documentation: `${page}#${service}.${rpc}`, test };
}
