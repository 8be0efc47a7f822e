// Secret Manager as Google's own client sees it.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GoogleWorld, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

const secret = "projects/lakeside-prod/secrets/token";

async function read(version: string): Promise<string> {
  const [answer] = await world.clients
    .secrets()
    .accessSecretVersion({ name: `${secret}/versions/${version}` });
  return Buffer.from(answer.payload!.data!).toString();
}

test("versions by number and by the alias latest, named by the project's number", async () => {
  expect([await read("1"), await read("2"), await read("latest")]).toEqual(["first", "second", "second"]);
  const [answer] = await world.clients.secrets().accessSecretVersion({ name: `${secret}/versions/latest` });
  expect(answer.name).toMatch(/^projects\/\d{12}\/secrets\/token\/versions\/2$/);
  const [again] = await world.clients.secrets().accessSecretVersion({ name: answer.name! });
  expect(again.name).toBe(answer.name);
});

test("the checksum is CRC-32C", async () => {
  world.google.setSecret(secret, ["123456789"]);
  const [answer] = await world.clients.secrets().accessSecretVersion({ name: `${secret}/versions/1` });
  expect(Number(answer.payload?.dataCrc32c)).toBe(0xe3069283);
});

test("a new version becomes the latest, and its value stays out of the journal", async () => {
  const payload = { data: Buffer.from("third-and-secret") };
  const [version] = await world.clients.secrets().addSecretVersion({ parent: secret, payload });
  expect(version).toMatchObject({ state: "ENABLED", name: expect.stringMatching(/\/versions\/3$/) });
  expect(await read("latest")).toBe("third-and-secret");
  expect(JSON.stringify(world.shared.journal.entries())).not.toContain(payload.data.toString("base64"));
  expect(world.shared.journal.entries()[0]).toMatchObject({
    method: "AddSecretVersion",
    path: secret,
    body: { parent: secret, payload: { data: "[redacted]" } },
  });
});

test("a disabled version cannot be read, and latest does not step back to an older one", async () => {
  const secrets = world.clients.secrets();
  await secrets.disableSecretVersion({ name: `${secret}/versions/2` });
  await expect(read("2")).rejects.toMatchObject({ code: 9 });
  await expect(read("latest")).rejects.toMatchObject({ code: 9 });
  expect(await read("1")).toBe("first");
  const [version] = await secrets.getSecretVersion({ name: `${secret}/versions/2` });
  expect(version.state).toBe("DISABLED");
  await secrets.enableSecretVersion({ name: `${secret}/versions/2` });
  expect(await read("latest")).toBe("second");
});

test("versions are listed newest first, in pages", async () => {
  const options = { autoPaginate: false };
  const client = world.clients.secrets();
  const [first, , answer] = await client.listSecretVersions({ parent: secret, pageSize: 1 }, options);
  const pageToken = answer!.nextPageToken!;
  const [second, , last] = await client.listSecretVersions(
    { parent: secret, pageSize: 1, pageToken },
    options,
  );
  expect([...first, ...second].map((each) => each.name?.at(-1))).toEqual(["2", "1"]);
  expect([answer?.totalSize, last?.nextPageToken]).toEqual([2, ""]);
});

test("a secret is made empty, then filled", async () => {
  const client = world.clients.secrets();
  const request = {
    parent: "projects/lakeside-prod",
    secretId: "fresh",
    secret: { replication: { automatic: {} }, labels: { by: "drawbridge" } },
  };
  await client.createSecret(request);
  const name = "projects/lakeside-prod/secrets/fresh";
  expect((await client.getSecret({ name }))[0].labels).toEqual({ by: "drawbridge" });
  await expect(client.accessSecretVersion({ name: `${name}/versions/latest` })).rejects.toMatchObject({
    code: 5,
  });
  await expect(client.createSecret(request)).rejects.toMatchObject({ code: 6 });
  await expect(client.addSecretVersion({ parent: name })).rejects.toMatchObject({ code: 3 });
});

test("who may read a secret is written whole, and not over somebody else's change", async () => {
  const client = world.clients.secrets();
  const [none] = await client.getIamPolicy({ resource: secret });
  expect(none.bindings).toEqual([]);
  const reader = {
    role: "roles/secretmanager.secretAccessor",
    members: ["serviceAccount:a@p.iam.gserviceaccount.com"],
  };
  await client.setIamPolicy({ resource: secret, policy: { ...none, bindings: [reader] } });
  const [now] = await client.getIamPolicy({ resource: secret });
  expect(now.bindings).toMatchObject([reader]);
  await expect(client.setIamPolicy({ resource: secret, policy: none })).rejects.toMatchObject({ code: 10 });
});

test("refuses what Google refuses, with its codes", async () => {
  const client = world.clients.secrets();
  const access = (name: string) => client.accessSecretVersion({ name });
  await expect(access("projects/lakeside-prod/secrets/none/versions/1")).rejects.toMatchObject({ code: 5 });
  await expect(access(`${secret}/versions/9`)).rejects.toMatchObject({ code: 5 });
  await expect(access("projects/elsewhere/secrets/token/versions/1")).rejects.toMatchObject({ code: 7 });
  await expect(client.getSecret({ name: "projects/lakeside-prod/secrets/not a name" })).rejects.toMatchObject(
    { code: 3 },
  );
});
