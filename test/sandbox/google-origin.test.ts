// What a Cloud Run origin answers to whoever reaches it from inside the VPC.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GoogleWorld, startGoogleWorld } from "./google-world.ts";

let world: GoogleWorld;
beforeEach(async () => {
  world = await startGoogleWorld();
});
afterEach(() => world.close());

function visit(name: string, path = "/") {
  return world.google.answer(
    new URL(world.google.urlOf("lakeside-prod", "asia-northeast1", name)).host,
    path,
  );
}

test.each([
  ["billing-api", 200, "billing-api: you reached it"],
  ["payroll-admin", 200, "payroll-admin: you reached it"],
  ["recipe-editor", 200, "recipe-editor: you reached it"],
  ["ledger", 403, "Your client does not have permission to get URL /"],
  ["backoffice", 404, "not found on this server"],
  ["legacy-reports", 404, "not found on this server"],
  ["nothing", 404, "not found on this server"],
])("%s answers %i", (name, status, text) => {
  const answer = visit(name);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(text);
});

test("the service tells its project and region", () => {
  const { body, headers } = visit("billing-api", "/invoices?of=<may>");
  expect(body).toContain("lakeside-prod");
  expect(body).toContain("asia-northeast1");
  expect(body).toContain("/invoices?of=&lt;may&gt;");
  expect(headers["content-type"]).toContain("text/html");
});

test("the older form of the host leads to the same service, whatever its case and port", async () => {
  const name = "projects/lakeside-prod/locations/asia-northeast1/services/billing-api";
  const [service] = await world.clients.services().getService({ name });
  const host = new URL(service.uri!).host;
  expect(world.google.answer(`${host.toUpperCase()}:443`, "/").status).toBe(200);
});

test("any other Host header gets Google's 404, as when the route forgets to set it", () => {
  expect(world.google.answer("billing.lakeside.example", "/").status).toBe(404);
});

test("the answer follows others' changes", () => {
  world.google.setService("ledger", { invokerIamDisabled: true });
  expect(visit("ledger").status).toBe(200);
  world.google.removeService("ledger");
  expect(visit("ledger").status).toBe(404);
});
