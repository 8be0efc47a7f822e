// Long-running operations: answered unfinished, still so at the first look, finished at the second; or after a while where
// nobody looks.
import { randomUUID } from "node:crypto";
import { grpc } from "google-gax";
import { type Message, runProtos } from "./protos.ts";
import { type Api, RpcError } from "./rpc.ts";

export type Operations = {
  /** `finish` runs when the operation ends, and says what it ended with. */
  begin(parent: string, metadata: Message, finish: () => Message): Message;
  /** One that is over at once. */
  finished(parent: string, metadata: Message, response: Message): Message;
  poll(name: string): Message | undefined;
  close(): void;
};

type Running = { operation: Message; looks: number; finish: () => void; timer: NodeJS.Timeout };

export function createOperations(longestMs = 2000): Operations {
  const over = new Map<string, Message>();
  const running = new Map<string, Running>();
  const nameIn = (parent: string) => `${parent}/operations/${randomUUID()}`;
  return {
    begin(parent, metadata, result) {
      const operation = { name: nameIn(parent), metadata, done: false };
      function finish(): void {
        clearTimeout(timer);
        running.delete(operation.name);
        over.set(operation.name, { ...operation, done: true, response: result() });
      }
      const timer = setTimeout(finish, longestMs);
      running.set(operation.name, { operation, looks: 0, finish, timer });
      return operation;
    },
    finished(parent, metadata, response) {
      const operation = { name: nameIn(parent), metadata, done: true, response };
      over.set(operation.name, operation);
      return operation;
    },
    poll(name) {
      const found = running.get(name);
      if (!found) return over.get(name);
      found.looks += 1;
      if (found.looks === 1) return found.operation;
      found.finish();
      return over.get(name);
    },
    close() {
      for (const { timer } of running.values()) clearTimeout(timer);
    },
  };
}

export function operationsApi(operations: Operations): Api {
  return {
    root: runProtos,
    service: "google.longrunning.Operations",
    handlers: {
      GetOperation(request) {
        const found = operations.poll(String(request.name));
        if (!found) throw new RpcError(grpc.status.NOT_FOUND, `Operation '${request.name}' was not found`);
        return found;
      },
    },
  };
}
