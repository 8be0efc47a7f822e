// What is too long for `npm test`: every boundary instead of the most telling ones, and a day of life in minutes. One file
// after another, each within a few minutes.
import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

export default defineConfig({
  test: {
    ...base.test,
    include: ["test/soak/**/*.test.ts"],
    exclude: [],
    maxWorkers: 1,
    testTimeout: 900_000,
    // Worlds side by side, where a file asks for it: most of a faulty life is waiting.
    maxConcurrency: 6,
  },
});
