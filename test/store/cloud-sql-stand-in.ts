// A stand-in for a Cloud SQL instance: the two calls of the Admin API that Google's connector makes, and the instance's
// TLS port in front of a real Postgres. Who holds no certificate that the API gave is not let in.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

/** The connector knows no other: https://cloud.google.com/sql/docs/postgres/connect-connectors */
const INSTANCE_PORT = 3307;

export type CloudSqlStandIn = {
  adminUrl: string;
  /** Access tokens that certificates were asked for with. */
  tokens: string[];
  /** TLS connections that were let in. */
  connections(): number;
  close(): Promise<void>;
};

export async function startCloudSql(
  [project, region, instance]: [string, string, string],
  postgres: { host: string; port: number },
): Promise<CloudSqlStandIn> {
  const folder = await mkdtemp(join(tmpdir(), "drawbridge-cloud-sql-"));
  const certificates = createAuthority(folder, `${project}:${instance}`);
  const tokens: string[] = [];
  let connections = 0;
  const settings = {
    kind: "sql#connectSettings",
    backendType: "SECOND_GEN",
    databaseVersion: "POSTGRES_18",
    region,
    ipAddresses: [{ type: "PRIVATE", ipAddress: "127.0.0.1" }],
    serverCaCert: { cert: certificates.authority, expirationTime: "2100-01-01T00:00:00Z" },
    serverCaMode: "GOOGLE_MANAGED_INTERNAL_CA",
  };
  const path = `/sql/v1beta4/projects/${project}/instances/${instance}`;
  const admin = createHttpServer(async (request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.method === "GET" && request.url === `${path}/connectSettings`) return answer(200, settings);
    if (request.method !== "POST" || request.url !== `${path}:generateEphemeralCert`)
      return answer(404, { error: { code: 404, message: "The Cloud SQL instance does not exist." } });
    const { public_key, access_token } = JSON.parse(await bodyOf(request)) as Record<string, string>;
    tokens.push(access_token ?? "");
    return answer(200, { ephemeralCert: { cert: certificates.sign(public_key ?? "") } });
  });
  const door = createTlsServer(
    {
      key: certificates.key,
      cert: certificates.cert,
      ca: certificates.authority,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      connections += 1;
      const server = connect(postgres);
      socket.on("error", () => server.destroy());
      server.on("error", () => socket.destroy());
      socket.pipe(server).pipe(socket);
    },
  );
  await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve, reject) => {
    door.once("error", reject).listen(INSTANCE_PORT, "127.0.0.1", resolve);
  });
  return {
    adminUrl: `http://127.0.0.1:${(admin.address() as AddressInfo).port}`,
    tokens,
    connections: () => connections,
    async close() {
      admin.close();
      admin.closeAllConnections();
      door.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createAuthority(folder: string, commonName: string) {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
  const request = (name: string, subject: string, ...more: string[]) =>
    openssl(
      ..."req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(" "),
      ...["-subj", subject, "-keyout", file(`${name}.key`), "-out", file(`${name}.pem`)],
      ...more,
    );
  request("ca", "/CN=Stand-in CA", "-x509", "-days", "30");
  const signed = (name: string, ...more: string[]) =>
    openssl(
      ...["x509", "-req", "-in", file(`${name}.pem`), "-CA", file("ca.pem"), "-CAkey", file("ca.key")],
      ...["-CAcreateserial", "-days", "1", ...more],
    ).toString();
  request("server", `/CN=${commonName}`);
  request("client", "/CN=client");
  return {
    authority: readFileSync(file("ca.pem"), "utf8"),
    key: readFileSync(file("server.key"), "utf8"),
    cert: signed("server"),
    sign(publicKey: string): string {
      writeFileSync(file("asked.pem"), publicKey);
      return signed("client", "-force_pubkey", file("asked.pem"));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request) body += String(piece);
  return body;
}
