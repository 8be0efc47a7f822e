// What the app offers in Slack, as its manifest declares it: commands and shortcuts.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { AppFeatures } from "./page/state.ts";

const MANIFEST = fileURLToPath(new URL("../deploy/slack-manifest.json", import.meta.url));
const Manifest = z.object({
  display_information: z.object({ name: z.string() }),
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean(), messages_tab_read_only_enabled: z.boolean() }),
    shortcuts: z
      .array(
        z.object({ name: z.string(), callback_id: z.string(), description: z.string(), type: z.string() }),
      )
      .default([]),
    slash_commands: z
      .array(z.object({ command: z.string(), description: z.string(), usage_hint: z.string().default("") }))
      .default([]),
  }),
});

const WITHOUT_MANIFEST: AppFeatures = {
  name: "Drawbridge",
  homeTab: true,
  takesMessages: true,
  commands: [
    { command: "/expose", description: "Open an internal service", usageHint: "[service] | list | help" },
  ],
  shortcuts: [
    { name: "Expose a Service", callbackId: "expose_new", description: "Open an internal service" },
  ],
};

export function readAppFeatures(file = MANIFEST): AppFeatures {
  if (!existsSync(file)) return WITHOUT_MANIFEST;
  const { display_information: about, features } = Manifest.parse(JSON.parse(readFileSync(file, "utf8")));
  return {
    name: about.name,
    homeTab: features.app_home.home_tab_enabled,
    takesMessages: !features.app_home.messages_tab_read_only_enabled,
    commands: features.slash_commands.map(({ command, description, usage_hint: usageHint }) => ({
      command,
      description,
      usageHint,
    })),
    shortcuts: features.shortcuts
      .filter((shortcut) => shortcut.type === "global")
      .map(({ name, callback_id: callbackId, description }) => ({ name, callbackId, description })),
  };
}
