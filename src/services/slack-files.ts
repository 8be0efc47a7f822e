// Uploads to Slack: an address is asked for, the bytes go there, and then Slack is told where to show them.
import type { Slack } from "./slack.ts";
import type { SlackClients } from "./slack-clients.ts";
import { fromStatus, known, toSlackFailure } from "./slack-failure.ts";

/** Goes to the person's messages with the bot. */
export type FileUpload = { user: string; filename: string; title: string; bytes: Uint8Array };

const UPLOAD_MS = 10_000;

/** Slack shares the file some moments after its last answer. https://docs.slack.dev/messaging/working-with-files#upload */
export function createFileCalls(
  { background }: SlackClients,
  dmOf: (user: string) => Promise<string>,
): Pick<Slack, "uploadFile"> {
  return {
    async uploadFile({ user, filename, title, bytes }) {
      const channel = await dmOf(user);
      const asking = { operation: "files.getUploadURLExternal", idempotent: true };
      const place = await background(asking, (client) =>
        client.files.getUploadURLExternal({ filename, length: bytes.length }),
      );
      const id = known(place.file_id, asking.operation);
      await send(known(place.upload_url, asking.operation), bytes);
      const showing = { operation: "files.completeUploadExternal", key: channel, idempotent: false };
      await background(showing, (client) =>
        client.files.completeUploadExternal({ channel_id: channel, files: [{ id, title }] }),
      );
    },
  };
}

async function send(url: string, bytes: Uint8Array): Promise<void> {
  const operation = "files.upload";
  const request = { method: "POST", body: Buffer.from(bytes), signal: AbortSignal.timeout(UPLOAD_MS) };
  const response = await fetch(url, request).catch((error: unknown) => {
    throw toSlackFailure(operation, error);
  });
  await response.body?.cancel();
  if (!response.ok) throw fromStatus(operation, response.status);
}
