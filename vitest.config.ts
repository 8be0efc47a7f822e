// Tests run in two processes. Modules are loaded once for each of them: no test replaces a module or keeps state in one.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/soak/**"],
    globalSetup: ["test/setup.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    // Stories wait for what they expect; these limits are for a machine that has other work.
    testTimeout: 180_000,
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    // A shared runner may stand still for seconds in the middle of a story. What is wrong fails twice.
    retry: process.env.CI ? 1 : 0,
    // socket-mode 3.1.0 rejects with nothing while it is closed during a reconnect; main.ts lets it pass as well.
    onUnhandledError: (error) => error.message !== undefined,
  },
});
