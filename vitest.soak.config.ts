// The long proofs, by `npm run test:soak`: minutes rather than seconds. `npm test` runs a sample of each.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    globalSetup: ["test/postgres.ts"],
    pool: "forks",
    maxWorkers: 1,
    maxConcurrency: 2,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
