// The services behind run.app over HTTP, for whoever asks them without a tunnel in between: by Host header.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Shared } from "../contract.ts";
import { answerThroughFaults } from "../http-fault.ts";
import type { OriginAnswer } from "./origin.ts";

export async function startOriginServer(
  shared: Shared,
  answer: (host: string, path: string) => OriginAnswer,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const { pathname } = new URL(url, "http://origin");
    const seen = { method, path: `origin/${headers.host ?? ""}${pathname}`, query: {}, body: null };
    const answered = () => answer(headers.host ?? "", pathname);
    void answerThroughFaults(shared, "google", seen, response, answered, (status) => ({ error: status }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
