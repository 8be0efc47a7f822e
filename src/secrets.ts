// Values of the environment that point to Secret Manager are read before the configuration is checked.
import { ConfigError, type Environment } from "./config-values.ts";
import { isServiceFailure } from "./services/failure.ts";
import { createGoogleClients } from "./services/google-clients.ts";
import { createSecretManager, parseSecretReference } from "./services/secret-manager.ts";

const TIMEOUT_MS = 5_000;

/** Replaces every `sm://…` value; throws ConfigError with all that could not be read. */
export async function resolveSecrets(env: Environment): Promise<Environment> {
  const project = env.GOOGLE_CLOUD_PROJECT;
  const references = Object.entries(env).flatMap(([name, value]) => {
    const reference = value ? parseSecretReference(value, project) : null;
    return reference ? [{ name, reference }] : [];
  });
  if (references.length === 0) return env;
  const clients = createGoogleClients({ endpoint: env.GOOGLE_API_ENDPOINT });
  const secrets = createSecretManager({ clients, timeoutMs: TIMEOUT_MS });
  const problems: string[] = [];
  const read = await Promise.all(
    references.map(async ({ name, reference }) => {
      if ("problem" in reference) problems.push(`${name}: ${reference.problem}`);
      else
        try {
          return [name, await secrets.accessSecret(reference.name)] as const;
        } catch (error) {
          if (!isServiceFailure(error)) throw error;
          problems.push(`${name}: ${error.message}`);
        }
      return [name, undefined] as const;
    }),
  );
  await clients.close();
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...env, ...Object.fromEntries(read) };
}
