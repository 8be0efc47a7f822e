// files.*: the two-step upload, enough for a bundle posted to a channel.
import { inventId, listOf } from "./elements.ts";
import { refuse } from "./refusal.ts";
import { type Methods, optional, required } from "./web-api.ts";
import type { Json, Workspace } from "./workspace.ts";

type Upload = { id: string; filename: string; length: number; received?: number };

export type Files = {
  methods: Methods;
  /** The bytes sent to an upload URL. */
  receive(id: string, bytes: number): boolean;
};

export function createFiles(workspace: Workspace, baseUrl: () => string): Files {
  const uploads = new Map<string, Upload>();
  return {
    receive(id, bytes) {
      const upload = uploads.get(id);
      if (!upload) return false;
      upload.received = bytes;
      return true;
    },
    methods: {
      "files.getUploadURLExternal": {
        token: "bot",
        scopes: ["files:write"],
        tier: "T4",
        run(args) {
          const filename = required(args, "filename");
          const length = Number(args.length);
          if (!Number.isInteger(length) || length <= 0) refuse("invalid_arguments");
          const id = `F${inventId().replace(/[-_]/g, "0").toUpperCase()}`;
          uploads.set(id, { id, filename, length });
          return { upload_url: `${baseUrl()}/upload/${id}`, file_id: id };
        },
      },
      "files.completeUploadExternal": {
        token: "bot",
        scopes: ["files:write"],
        tier: "T4",
        run(args) {
          const files = listOf(args.files).map((each) => completed(uploads, each));
          if (files.length === 0) refuse("invalid_arguments");
          share(workspace, args, files);
          return { files };
        },
      },
    },
  };
}

function completed(uploads: Map<string, Upload>, given: Json): Json {
  const upload = uploads.get(String(given.id));
  if (!upload || upload.received === undefined) return refuse("file_not_found");
  return {
    id: upload.id,
    name: upload.filename,
    title: given.title ?? upload.filename,
    size: upload.received,
  };
}

function share(workspace: Workspace, args: Json, files: Json[]): void {
  const id = optional(args, "channel_id");
  if (id === undefined) return;
  const channel = workspace.channel(id) ?? refuse("channel_not_found");
  if (!channel.botIn) refuse("not_in_channel");
  const names = files.map((file) => String(file.title)).join(", ");
  const text = [optional(args, "initial_comment"), `File: ${names}`].filter(Boolean).join("\n");
  const threadTs = optional(args, "thread_ts");
  const { botUserId } = workspace.seed;
  workspace.post({
    channel: channel.id,
    user: botUserId,
    text,
    blocks: [],
    ...(threadTs ? { threadTs } : {}),
  });
}
