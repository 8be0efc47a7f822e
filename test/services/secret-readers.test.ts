// Who may read a secret: one more is added, and nobody else's right is touched.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSecretReaders } from "../../src/services/secret-readers.ts";
import { type GoogleWorld, startGoogleWorld } from "../sandbox/google-world.ts";
import { failureOf } from "./cloudflare-account.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const SECRET = { project: "lakeside-prod", secret: "token" };
const resource = "projects/lakeside-prod/secrets/token";
const ACCOUNT = "drawbridge-cloudflared@lakeside-prod.iam.gserviceaccount.com";
const role = "roles/secretmanager.secretAccessor";

const readers = () => createSecretReaders({ clients: world.clients, timeoutMs: 5_000 });

test("a grant under a condition is none, and stays beside the one that is added", async () => {
  const conditional = {
    role,
    members: [`serviceAccount:${ACCOUNT}`],
    condition: { title: "until noon", expression: "request.time < timestamp('2026-11-24T12:00:00Z')" },
  };
  const other = { role, members: ["user:ana@lakeside.example"] };
  await world.clients
    .secrets()
    .setIamPolicy({ resource, policy: { version: 3, bindings: [conditional, other] } });
  expect(await readers().includes(SECRET, ACCOUNT)).toBe(false);
  await readers().add(SECRET, ACCOUNT);
  await readers().add(SECRET, ACCOUNT);
  expect(await readers().includes(SECRET, ACCOUNT)).toBe(true);
  const [{ bindings }] = await world.clients.secrets().getIamPolicy({ resource });
  expect(bindings).toHaveLength(3);
  expect(bindings).toMatchObject([conditional, other, { role, members: [`serviceAccount:${ACCOUNT}`] }]);
});

test("who may not add is told the command for somebody who may", async () => {
  world.shared.faults.add({
    vendor: "google",
    method: "SetIamPolicy",
    times: 0,
    effect: { kind: "status", status: 7 },
  });
  const failure = await failureOf(readers().add(SECRET, ACCOUNT));
  expect(failure).toMatchObject({ kind: "denied" });
  expect(failure.message).toContain(
    `gcloud secrets add-iam-policy-binding token --project=lakeside-prod --member=serviceAccount:${ACCOUNT} --role=${role}`,
  );
});
