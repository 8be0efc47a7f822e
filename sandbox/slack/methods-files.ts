// files.*: the two-step upload. What was uploaded is kept, and a picture is shown in its message.
import { inventId, listOf } from "./elements.ts";
import { refuse } from "./refusal.ts";
import { type Methods, optional, required } from "./web-api.ts";
import type { Json, Workspace } from "./workspace.ts";

type Upload = { id: string; filename: string; length: number; received?: Buffer };

export type Files = {
  methods: Methods;
  /** The bytes sent to an upload URL. */
  receive(id: string, bytes: Buffer): boolean;
  /** What was uploaded, as the page asks for it. */
  read(id: string): Buffer | null;
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
    read: (id) => uploads.get(id)?.received ?? null,
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
          share(workspace, args, files, baseUrl());
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
    size: upload.received.length,
  };
}

function share(workspace: Workspace, args: Json, files: Json[], baseUrl: string): void {
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
    blocks: files.filter((file) => String(file.name).endsWith(".png")).map((file) => picture(file, baseUrl)),
    ...(threadTs ? { threadTs } : {}),
  });
}

/** Slack shows the file itself; here an image block stands for it. */
function picture(file: Json, baseUrl: string): Json {
  const title = { type: "plain_text", text: String(file.title) };
  return { type: "image", image_url: `${baseUrl}/files/${file.id}`, alt_text: String(file.title), title };
}
