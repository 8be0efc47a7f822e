// Who may read a secret, as set-up looks at it and adds to it.
import { callGoogle } from "./google-clients.ts";
import { callOn, nameOf, type SecretOptions, type SecretRef } from "./secret-versions.ts";

export type SecretReaders = {
  /** Whether the secret itself names this service account; what it inherits from its project is not seen. */
  includes(ref: SecretRef, account: string): Promise<boolean>;
  /** Everybody else stays. */
  add(ref: SecretRef, account: string): Promise<void>;
};

type Policy = { bindings?: Binding[] | null };
type Binding = { role?: string | null; members?: string[] | null; condition?: unknown };

const READER = "roles/secretmanager.secretAccessor";

export function createSecretReaders(options: SecretOptions): SecretReaders {
  const { clients } = options;
  return {
    includes: async (ref, account) => hasReader(await policyOf(ref, options), account),
    async add(ref, account) {
      const policy = await policyOf(ref, options);
      if (hasReader(policy, account)) return;
      const member = memberOf(account);
      const bindings = [...(policy.bindings ?? []), { role: READER, members: [member] }];
      const command = `gcloud secrets add-iam-policy-binding ${ref.secret} --project=${ref.project} --member=${member} --role=${READER}`;
      const right = `roles/secretmanager.admin. Let somebody who has it run this, then go on: ${command}`;
      // The etag in it keeps another's change from being overwritten.
      const request = { resource: nameOf(ref), policy: { ...policy, bindings } };
      await callGoogle(
        clients,
        callOn("SetIamPolicy", ref, right, options),
        clients.secrets,
        (secrets, each) => secrets.setIamPolicy(request, each),
      );
    },
  };
}

function memberOf(account: string): string {
  return `serviceAccount:${account}`;
}

/** A binding under a condition counts for nothing: it may not hold. */
function hasReader({ bindings }: Policy, account: string): boolean {
  return (bindings ?? []).some(
    ({ role, members, condition }) => role === READER && !condition && members?.includes(memberOf(account)),
  );
}

async function policyOf(ref: SecretRef, options: SecretOptions) {
  const { clients } = options;
  // Without version 3 conditions are left out, and would be lost when the policy is written back.
  const request = { resource: nameOf(ref), options: { requestedPolicyVersion: 3 } };
  const call = callOn("GetIamPolicy", ref, "roles/secretmanager.viewer", options);
  const [policy] = await callGoogle(clients, call, clients.secrets, (secrets, each) =>
    secrets.getIamPolicy(request, each),
  );
  return policy;
}
